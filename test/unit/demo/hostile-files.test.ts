import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDuckdb } from '@basketwise/data';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { longTest, some } from '../../cases.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basketwise-hostile-'));
  // one file, which starts in a quarter of the time that tsx takes for the modules
  await build({
    entryPoints: [fileURLToPath(new URL('read-in-child.ts', import.meta.url))],
    ...{ outfile: join(folder, 'read-in-child.mjs'), bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
  });
});
afterAll(() => rm(folder, { recursive: true }));

/** Reads a file in a process of little memory: what it says, or how it died. */
async function read(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const child = spawn(process.execPath, ['--max-old-space-size=300', join(folder, 'read-in-child.mjs'), path], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const slow = setTimeout(() => child.kill('SIGKILL'), 40_000);
  return new Promise((resolve, reject) =>
    child.on('error', reject).on('close', (code, signal) => {
      clearTimeout(slow);
      resolve(code === 0 ? said : `died: ${signal ?? code}`);
    }),
  );
}

// Thrift's compact protocol, as far as these files need it.
const varint = (value: number | bigint): number[] => {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
};
const int = (value: number | bigint) => varint(BigInt(value) * 2n);
const text = (value: string) => [...varint(Buffer.byteLength(value)), ...Buffer.from(value)];
const types = { int: 5, text: 8, list: 9, struct: 12 } as const;
type Field = [id: number, type: keyof typeof types, bytes: number[]];
const struct = (...fields: Field[]) => [...fields.flatMap(([id, type, bytes]) => [types[type], ...int(id), ...bytes]), 0];
const list = (type: keyof typeof types, ...items: number[][]) => [0xf0 | types[type], ...varint(items.length), ...items.flat()];

function file(pages: number[], footer: number[]): Uint8Array {
  const length = [footer.length & 255, footer.length >> 8, 0, 0];
  return Uint8Array.from([...Buffer.from('PAR1'), ...pages, ...footer, ...length, ...Buffer.from('PAR1')]);
}

const element = (name: string) => struct([1, 'int', int(6)], [3, 'int', int(1)], [4, 'text', text(name)]);
const schema = list('struct', struct([4, 'text', text('root')], [5, 'int', int(2)]), element('customer'), element('product'));

/** A file with one row group, both columns of which are one and the same page. */
function onePage(page: number[], rows: number | bigint = 2, all: number | bigint = rows): Uint8Array {
  const column = (name: string) =>
    struct(
      [2, 'int', int(4)],
      [
        3,
        'struct',
        struct(
          [1, 'int', int(6)],
          [2, 'list', list('int', int(0))],
          [3, 'list', list('text', text(name))],
          [4, 'int', int(0)],
          [5, 'int', int(rows)],
          [6, 'int', int(page.length)],
          [7, 'int', int(page.length)],
          [9, 'int', int(4)],
        ),
      ],
    );
  const group = struct(
    [1, 'list', list('struct', column('customer'), column('product'))],
    [2, 'int', int(page.length)],
    [3, 'int', int(rows)],
  );
  return file(page, struct([1, 'int', int(1)], [2, 'list', schema], [3, 'int', int(all)], [4, 'list', list('struct', group)]));
}

const dataPage = (values: number, body: number[], { size = body.length, packed = body.length, encoding = 0 } = {}) => [
  ...struct(
    [1, 'int', int(0)],
    [2, 'int', int(size)],
    [3, 'int', int(packed)],
    [5, 'struct', struct([1, 'int', int(values)], [2, 'int', int(encoding)], [3, 'int', int(3)], [4, 'int', int(3)])],
  ),
  ...body,
];
const levels = (...runs: number[]) => [runs.length, 0, 0, 0, ...runs];
const value = (name: string) => [Buffer.byteLength(name), 0, 0, 0, ...Buffer.from(name)];

describe('a Parquet file', () => {
  test('that claims no more than it holds is read', async () => {
    expect(await read('whole.parquet', onePage(dataPage(2, [...levels(4, 1), ...value('D1'), ...value('D1')])))).toBe(
      '2 rows of 1 customers',
    );
  });

  test('of 85 bytes whose footer claims lists of millions in one another is refused', async () => {
    const nested = Array.from({ length: 12 }, () => [0xf9, ...varint(33_554_431)]).flat();
    const bytes = file([], [types.list, ...int(2), ...nested].concat(new Array(13).fill(0)).slice(0, 73));
    expect(bytes.length).toBe(85);
    expect(await read('lists.parquet', bytes)).toBe('notReadable');
  });

  const good = [...levels(4, 1), ...value('D1'), ...value('D1')];
  const hostile: [string, () => Uint8Array, string][] = [
    ['that claims more rows than there are people', () => onePage(dataPage(2, good), 2, 2n ** 62n), 'tooMany'],
    ['whose rows do not add up', () => onePage(dataPage(2, good), 2, 20_000_000), 'notReadable'],
    [
      'with a run of levels of a thousand million',
      () => onePage(dataPage(2, [...levels(...varint(2n ** 31n - 2n), 1), ...value('D1')])),
      'notReadable',
    ],
    ['with a page of more values than rows', () => onePage(dataPage(2 ** 31 - 1, good)), 'notReadable'],
    ['with a page that unpacks to more than a tab holds', () => onePage(dataPage(2, good, { size: 2 ** 31 - 1 })), 'notReadable'],
    ['with a page that is longer than the file', () => onePage(dataPage(2, good, { packed: 2 ** 31 - 1 })), 'notReadable'],
    [
      'with a run of codes of a thousand million',
      () => onePage(dataPage(2, [...levels(4, 1), 1, ...varint(2n ** 31n - 2n), 0], { encoding: 8 })),
      'notReadable',
    ],
    [
      'with differences of a thousand million values',
      () => onePage(dataPage(2, [...levels(4, 1), ...varint(128), ...varint(4), ...varint(2n ** 31n - 2n), 0], { encoding: 5 })),
      'notReadable',
    ],
    ['of one huge row group with one page', () => onePage(dataPage(29_000_000, good), 29_000_000), 'notReadable'],
  ];
  test.each(some(hostile, 3))('%s is refused', async (name, bytes, problem) => {
    expect(await read(`${name.replaceAll(' ', '-')}.parquet`, bytes())).toBe(problem);
  });

  test.each(some(['SNAPPY', 'ZSTD', 'GZIP', 'UNCOMPRESSED'], 1))(
    'of the nightly engine is read: %s, both versions of pages',
    async (codec) => {
      const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
      for (const version of ['V1', 'V2']) {
        const path = join(folder, `duckdb-${codec}-${version}.parquet`);
        await engine.run(
          `COPY (SELECT CASE WHEN i % 50 > 0 THEN printf('%05d', i // 3) END AS customer, CASE i % 3 WHEN 0 THEN 'D1' WHEN 1 THEN '적금' END AS product, DATE '2020-01-01' + CAST(i % 700 AS INTEGER) AS opened FROM range(30000) r(i)) TO '${path}' (FORMAT parquet, CODEC '${codec}', PARQUET_VERSION '${version}', ROW_GROUP_SIZE 8192)`,
        );
        const { readFile } = await import('node:fs/promises');
        const said = await read('again.parquet', await readFile(path));
        // DuckDB's second version takes an encoding for ids that the page does not read
        expect([version, said]).toEqual([
          version,
          version === 'V1'
            ? '30000 rows of 10000 customers'
            : expect.stringMatching(/^(30000 rows of 10000 customers|notReadable)$/),
        ]);
      }
      await engine.close();
    },
  );
});

longTest('an Arrow file is read', async () => {
  const whole = tableToIPC(tableFromArrays({ customer: ['1', '2'], product: ['D1', 'D1'] }), 'file');
  expect(await read('whole.arrow', whole)).toBe('2 rows of 2 customers');
});
