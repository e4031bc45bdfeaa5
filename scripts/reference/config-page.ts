import { code, linked, tableOf } from './markdown.ts';

/** A part of the JSON Schema of the config. */
export interface SchemaNode {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  properties?: Readonly<Record<string, SchemaNode>>;
  required?: readonly string[];
  propertyNames?: SchemaNode;
  additionalProperties?: SchemaNode | boolean;
  items?: SchemaNode;
  anyOf?: readonly SchemaNode[];
  $ref?: string;
  $defs?: Readonly<Record<string, SchemaNode>>;
}

/** A key of the config. */
interface KeyRow {
  path: string;
  node: SchemaNode;
  isRequired: boolean;
}

const head = ['key', 'value', 'default', 'meaning'];

/** The reference of the config's keys, as Markdown, from its JSON Schema. */
export function configPage(schema: SchemaNode): string {
  const places: FirstPlaces = new Map();
  const keys = keysOf(schema, '');
  const sections = keys.map((key) => ({ ...key, below: keysBelow(key.node, key.path) }));
  const single = sections.filter(({ below }) => below.length === 0);
  return [
    '# Reference of the config\n',
    'Written by `npm run schema` from the schema of the config: change the descriptions there. [config.md](../config.md) is the guide; it explains the',
    '[kinds of values](../config.md#values). Words in capitals stand for names of your own, `[]` for each entry of a list.',
    '\n## Single keys',
    tableOf(head, single.map(rowOf)),
    ...sections.filter(({ below }) => below.length > 0).map((section) => sectionOf(section, places)),
    modelSection(schema.$defs ?? {}, places),
  ].join('\n');
}

function sectionOf({ path, node, below }: KeyRow & { below: readonly KeyRow[] }, places: FirstPlaces): string {
  const byDefault = defaultText(node.default);
  const note = byDefault === '' ? '' : ` Default: ${byDefault}.`;
  return `## ${path}\n\n${linked(node.description ?? '')}${note}\n${keysTable(below, places)}`;
}

/** Where keys with the same name and description come first: the parent by the key. */
type FirstPlaces = Map<string, string>;

/** A table of keys; those that another parent has in the same words are named behind it, with that parent. */
function keysTable(keys: readonly KeyRow[], places: FirstPlaces, shown = (path: string) => path): string {
  const repeated = new Map<string, string>();
  const rows = keys.filter((row) => {
    if ([...repeated.keys()].some((path) => row.path.startsWith(`${path}.`))) return false;
    const { parent, name } = placeOf(row.path);
    const key = JSON.stringify([name, row.isRequired, row.node]);
    const first = places.get(key) ?? parent;
    places.set(key, first);
    if (first !== parent) repeated.set(row.path, first);
    return first === parent;
  });
  const lines = new Map<string, string[]>();
  for (const [path, first] of repeated) {
    const line = `- ${code(placeOf(path).parent)} as in ${code(first)}`;
    lines.set(line, [...(lines.get(line) ?? []), code(placeOf(path).name)]);
  }
  const notes = [...lines].map(([line, names]) => `${line}: ${names.join(', ')}\n`);
  return `${tableOf(
    head,
    rows.map((row) => rowOf({ ...row, path: shown(row.path) })),
  )}${notes.length === 0 ? '' : `\n${notes.join('')}`}`;
}

/** The parent of a key, empty for a single key, and its name. */
function placeOf(path: string): { parent: string; name: string } {
  const end = path.lastIndexOf('.');
  return { parent: path.slice(0, Math.max(0, end)), name: path.slice(end + 1) };
}

/** All keys of the config, and `KIND: PARAMETER` of each kind of model. */
export function describedKeys(schema: SchemaNode): string[] {
  const keys = keysOf(schema, '').flatMap((key) => [key, ...keysBelow(key.node, key.path)].map(({ path }) => path));
  const member = Object.keys(schema.$defs?.member?.properties ?? {}).map((name) => `Models: ${name}`);
  const parameters = kindsOf(schema.$defs ?? {}).flatMap(({ kind, rows }) => rows.map(([name]) => `${kind}: ${name}`));
  return [...keys, ...member, ...parameters];
}

/** The kinds of models with their parameters. */
const kindsOf = (definitions: Readonly<Record<string, SchemaNode>>) =>
  Object.entries(definitions).flatMap(([kind, { description = '', properties = {} }]) =>
    properties.kind?.const === undefined
      ? []
      : [{ kind, description, rows: Object.entries(properties).filter(([name]) => name !== 'kind') }],
  );

/** The kinds of models, each with its parameters. */
function modelSection(definitions: Readonly<Record<string, SchemaNode>>, places: FirstPlaces): string {
  const namesIn = (definition: string) =>
    (definitions[definition]?.anyOf ?? []).map(({ $ref = '' }) => code($ref.split('/').at(-1)!)).join(', ');
  return [
    '## Models\n',
    `A component of a blend or a next-purchase model is one of ${namesIn('member')}. Beside the parameters of its kind it has:`,
    tableOf(
      head,
      Object.entries(definitions.member?.properties ?? {}).map(([path, node]) => rowOf({ path, node, isRequired: false })),
    ),
    `A \`base\` is one of ${namesIn('base')}.\n`,
    ...kindsOf(definitions).map(({ kind, description, rows }) => {
      return `### ${kind}\n\n${linked(description)}\n${keysTable(
        rows.map(([name, node]) => ({ path: `${kind}.${name}`, node, isRequired: false })),
        places,
      )}`;
    }),
  ].join('\n');
}

function rowOf({ path, node, isRequired }: KeyRow): string[] {
  return [code(path), valueText(node), isRequired ? 'required' : defaultText(node.default), linked(node.description ?? '')];
}

/** Keys of an object, one level down. */
function keysOf({ properties = {}, required = [] }: SchemaNode, path: string): KeyRow[] {
  return Object.entries(properties).map(([name, node]) => ({
    path: path === '' ? name : `${path}.${name}`,
    node,
    isRequired: required.includes(name) && node.default === undefined,
  }));
}

/**
 * All keys below a value: of an object, of the values of a map, of the entries of a list; each once, even if several alternatives have it.
 */
function keysBelow(node: SchemaNode, path: string): KeyRow[] {
  const { additionalProperties: values, propertyNames, items, anyOf = [] } = node;
  // a key required by one alternative may be absent in another
  const isChoice = anyOf.filter(({ properties }) => properties !== undefined).length > 1;
  const found = [
    ...keysOf(node, path).flatMap((key) => [key, ...keysBelow(key.node, key.path)]),
    ...(typeof values === 'object' ? keysBelow(values, `${path}.${(propertyNames?.title ?? 'key').toUpperCase()}`) : []),
    ...(items === undefined ? [] : keysBelow(items, `${path}[]`)),
    ...anyOf.flatMap((one) => keysBelow(isChoice ? { ...one, required: [] } : one, path)),
  ];
  return [...new Map(found.map((key) => [key.path, key])).values()];
}

/** Values of a key, as text. */
function valueText(node: SchemaNode): string {
  const { type, title, $ref, anyOf, items, additionalProperties, propertyNames } = node;
  if ($ref !== undefined) return '[model](#models)';
  if (node.const !== undefined) return code(String(node.const));
  if (node.enum !== undefined) return node.enum.map((word) => code(String(word))).join(', ');
  if (anyOf !== undefined) {
    const texts = [...new Set(anyOf.filter((one) => one.type !== 'null').map(valueText))];
    const same = `${texts[0]} by `;
    return texts.map((text) => (text.startsWith(same) ? `one by ${text.slice(same.length)}` : text)).join(' or ');
  }
  if (title !== undefined) return title;
  if (type === 'array') return `list of ${plural(valueText(items ?? {}))}`;
  if (typeof additionalProperties === 'object') {
    const value = valueText(additionalProperties);
    return `${value.includes(' or ') ? `(${value})` : value} by ${propertyNames?.title ?? 'text'}`;
  }
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'integer' || type === 'number') return `${type}${rangeText(node)}`;
  return type === 'object' ? 'keys' : 'text';
}

/** Text of a value, or of several. */
function plural(value: string): string {
  return value.replace(/^(column|name|product|text|integer|number)\b/, '$1s').replace(/^class\b/, 'classes');
}

/** Bounds of a number; bounds of its representation are omitted. */
function rangeText({ minimum, exclusiveMinimum, maximum }: SchemaNode): string {
  const grouped = (value: number) => value.toLocaleString('en-US');
  const least = exclusiveMinimum ?? minimum;
  const isOpen = maximum === undefined || maximum === 2 ** 31 - 1;
  if (least === undefined || least <= -(2 ** 31)) return isOpen ? '' : ` to ${grouped(maximum)}`;
  const from = exclusiveMinimum === undefined ? (isOpen ? 'from ' : '') : 'above ';
  return ` ${from}${grouped(least)}${isOpen ? '' : ` to ${grouped(maximum)}`}`;
}

function defaultText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' && Object.keys(value).length === 0 ? '' : code(flow(value));
}

/** A value as YAML on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, one]) => `${key}: ${flow(one)}`);
  return `{ ${pairs.join(', ')} }`;
}
