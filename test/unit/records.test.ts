import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { required } from '@basketwise/core/parts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { chartOf } from '../../bench/records/chart.ts';
import { type Result, resultName, resultText, resultTexts } from '../../bench/records/record.ts';
import { tableText } from '../../bench/records/table-text.ts';
import { recordFiles } from '../../scripts/reference/records-page.ts';

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 };
const object = (properties: object, ...optional: string[]) => ({
  ...{ type: 'object', properties, additionalProperties: false },
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const chart = object({ kind: { enum: ['bars', 'lines'] }, columns: texts });
const rows = { type: 'array', minItems: 1, items: { type: 'array', items: { type: ['string', 'number'] } } };
const tables = { type: 'array', minItems: 1, items: object({ caption: text, columns: texts, rows, chart }, 'caption', 'chart') };
const shape = object(
  {
    title: text,
    command: { type: ['string', 'null'], pattern: 'npm run (bench|bench:ci|bench:peers|claim)( -- |$)|^basketwise ' },
    date: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
    version: { type: 'string', pattern: '^([0-9a-f]{8,}|of \\d{4}-\\d{2}-\\d{2})$' },
    node: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
    machine: object({ processor: text, cores: { type: 'integer' }, gigabytes: { type: 'integer' } }, 'cores', 'gigabytes'),
    entered: { const: 'by hand' },
    ...{ about: text, tables, notes: texts, peers: { type: 'object', additionalProperties: text } },
    checks: { type: 'array', items: object({ text, holds: { type: 'boolean' } }) },
  },
  ...['entered', 'checks', 'notes', 'peers'],
);
const isResult = new Ajv2020({ allowUnionTypes: true }).compile<Result>(shape);
const results = new Map([...resultTexts()].map(([name, content]) => [name, JSON.parse(content) as Result]));

test.each([...resultTexts()])('bench/results/%s.json has the shape of a result, and the name of its command', (name, content) => {
  const result: unknown = JSON.parse(content);
  expect(isResult(result), JSON.stringify(isResult.errors)).toBe(true);
  if (!isResult(result)) return;
  expect(resultText(result)).toBe(content);
  if (result.command?.includes('npm run')) expect(resultName(result.command)).toBe(name);
  for (const { columns, rows: lines } of result.tables) for (const line of lines) expect(line).toHaveLength(columns.length);
  if (result.entered === undefined) {
    expect(result.version).toMatch(/^[0-9a-f]{8,}$/);
    expect(result.machine.cores).toBeGreaterThan(0);
  }
});

const result: Result = {
  ...{
    title: 'Tuning',
    command: 'npm run claim -- x 5',
    date: '2026-01-02',
    version: '0123abcd',
    node: '20.0.0',
    about: 'About.',
  },
  machine: { processor: 'P', cores: 2, gigabytes: 8 },
  tables: [{ caption: 'Sizes', columns: ['size', 'ours'], rows: [[10, 0.5], [1000, 20.25]], chart: { kind: 'lines', columns: ['ours'] } }], // biome-ignore format: rows as tables
  checks: [{ text: 'at most 1', holds: false }],
};

describe('the page of records', () => {
  test('has the command, the origin, the table, the chart and the checks of a result', () => {
    const files = recordFiles(new Map([['claim-x-5', result]]));
    expect([...files.keys()]).toEqual(['docs/records.md', 'docs/charts/claim-x-5.svg']);
    expect(files.get('docs/records.md')).toContain(`## Against peers, and at full size

### Tuning

About.

\`npm run claim -- x 5\`: 2026-01-02; version 0123abcd; Node 20.0.0; 2 x P, 8 GB.

Sizes:

| size | ours |
| ---: | ---: |
| 10 | .50 |
| 1,000 | 20.25 |

![Tuning: ours](charts/claim-x-5.svg)

- **Missed**: at most 1
`);
  });

  test('a figure that changes, changes the page in its line and nothing else', () => {
    const [name, one] = [...results].find(([, { tables: [table] }]) => table!.rows[0]!.some((cell) => typeof cell === 'number'))!; // biome-ignore format: one look-up
    const row = one.tables[0]!.rows[0]!.map((cell) => (typeof cell === 'number' ? 987654 : cell));
    const changed = {
      ...one,
      tables: [{ ...one.tables[0]!, rows: [row, ...one.tables[0]!.rows.slice(1)] }, ...one.tables.slice(1)],
    };
    const pageOf = (all: ReadonlyMap<string, Result>) => required(recordFiles(all), 'docs/records.md').split('\n');
    const before = pageOf(results);
    const after = pageOf(new Map(results).set(name, changed)).filter((line, i) => line !== before[i]);
    expect(after.length).toBeGreaterThan(0);
    expect(after.some((line) => line.includes('987,654'))).toBe(true);
    const columnOf = (line: string) => line.split('|')[1];
    for (const line of after) expect(before.map(columnOf)).toContain(columnOf(line));
  });

  test('says which results were entered by hand', () => {
    const page = recordFiles(new Map([['x', { ...result, entered: 'by hand', version: 'of 2026-01-02' }]])).get(
      'docs/records.md',
    );
    expect(page).toContain('`npm run claim -- x 5`: version of 2026-01-02; Node 20.0.0; 2 x P, 8 GB. **Entered by hand.**');
  });

  test('has a place for each title', () => {
    expect(() => recordFiles(new Map([['x', { ...result, title: 'Elsewhere' }]]))).toThrow('no place for "Elsewhere"');
  });
});

test('numbers of a table: decimals by column, thousands separated, none below 1 with a 0; numbers of versions remain', () => {
  const rows = [['a 0.5 of 0.18.0', 0.5, 1.5, 99999.7], ['b 10.5', -0.25, 250, '0.10 (0.05 .. 0.2)']]; // biome-ignore format: rows as tables
  const lines = tableText({ columns: ['', 'x', 'y', 'z'], rows })
    .trim()
    .split('\n');
  expect(lines).toEqual([
    ...['|  | x | y | z |', '| --- | ---: | ---: | --- |', '| a .5 of 0.18.0 | .50 | 1.5 | 100,000 |'],
    '| b 10.5 | -.25 | 250.0 | .10 (.05 .. .2) |',
  ]);
});

test('a column of a table without any value is left out', () => {
  const rows = [['a', '', 1], ['b', '', '']]; // biome-ignore format: rows as tables
  const lines = tableText({ columns: ['x', 'y', 'z'], rows })
    .trim()
    .split('\n');
  expect(lines).toEqual(['| x | z |', '| --- | ---: |', '| a | 1 |', '| b |  |']);
});

test('the runner of benches refuses a name that it does not have, and lists those it has', () => {
  const runner = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url));
  for (const [script, name] of [
    ['claim', 'wide'],
    ['bench', 'limits'],
    ['bench:peers', 'als'],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [runner, script, 'nothing'], { encoding: 'utf8' });
    expect(status).toBe(64);
    expect(stderr).toMatch(new RegExp(`^${script}: nothing is named nothing; there are: .*\\b${name}\\b`));
  }
});

describe('charts', () => {
  test('bars: one for each cell, as long as its number', () => {
    const table = { columns: ['', 'a'], rows: [['x', 1], ['y', 4], ['z', '']], chart: { kind: 'bars', columns: ['a'] } } as const; // biome-ignore format: rows as tables
    const widths = [...chartOf(table, 'T').matchAll(/class="f0"[^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths).toEqual([100, 400, 0]);
  });

  test('lines: straight where growth is a power, in the colours of both schemes', () => {
    const table = { columns: ['n', 'a'], rows: [[1, 1], [10, 10], [100, 100]], chart: { kind: 'lines', columns: ['a'] } } as const; // biome-ignore format: rows as tables
    const chart = chartOf(table, 'T');
    const [first, middle, last] = /points="([^"]+)"/
      .exec(chart)![1]!
      .split(' ')
      .map((point) => point.split(',').map(Number));
    for (const axis of [0, 1]) expect(middle![axis]).toBeCloseTo((first![axis]! + last![axis]!) / 2, 0);
    expect(chart).toContain('prefers-color-scheme: dark');
  });

  test('a column that the table does not have is refused', () => {
    const table = { columns: ['n'], rows: [[1]], chart: { kind: 'bars', columns: ['a'] } } as const;
    expect(() => chartOf(table, 'T')).toThrow('the chart of T names a column');
  });
});
