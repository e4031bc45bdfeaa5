import fc from 'fast-check';

type Path = readonly (string | number)[];

/** Paths of all values in a JSON value, its own first. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...path, key]))];
}

/** A copy with the value at a path put in place of what was there; undefined takes it away. */
function withValue(value: unknown, [key, ...rest]: Path, put: unknown): unknown {
  if (key === undefined) return put;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  const inner = withValue((value as Record<string | number, unknown>)[key], rest, put);
  if (inner !== undefined) (copy as Record<string | number, unknown>)[key] = inner;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete (copy as Record<string | number, unknown>)[key];
  return copy;
}

const hasOtherBytes = (whole: unknown) => (text: string) => text !== JSON.stringify(whole);

/** The value with one part of it another one, of any kind, or gone; or something else altogether. */
export function damagedValue(whole: unknown): fc.Arbitrary<unknown> {
  const other = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, [], {}, '', 0, -1, 1.5, 'x', true, [null], [[]], { version: 1 }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const changed = fc.tuple(fc.constantFrom(...pathsOf(whole)), other).map(([path, put]) => withValue(whole, path, put) ?? null);
  return fc.oneof({ weight: 5, arbitrary: changed }, { weight: 1, arbitrary: fc.jsonValue() });
}

/** Bytes of a JSON file that is damaged: any bytes, cut off, or a document of another shape. Never the document itself. */
export function damagedJson(whole: unknown): fc.Arbitrary<Uint8Array> {
  const text = JSON.stringify(whole);
  const bytes = Buffer.from(text);
  const shaped = damagedValue(whole)
    .map((value) => JSON.stringify(value))
    .filter(hasOtherBytes(whole));
  return fc.oneof(
    { weight: 6, arbitrary: shaped.map((value) => Buffer.from(value)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: fc.nat(bytes.length - 1).map((length) => bytes.subarray(0, length)) },
  );
}

const pieces = fc.constantFrom(
  ...[
    '&a ',
    '*a',
    '!!binary ',
    '!!set ',
    '? ',
    '<<: ',
    '- ',
    ': ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|',
    '>',
    '#',
    '%',
    '---\n',
  ],
  ...[
    'null',
    '~',
    '.inf',
    '-0',
    '1e999',
    '__proto__',
    'constructor',
    'toString',
    '\u0000',
    '\ufeff',
    '\ud800',
    '적금',
    '\t',
    '\r\n',
    ',',
  ],
);

/** Text that is likely to upset a reader of YAML. */
export const anyText = fc.oneof(
  fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
);
