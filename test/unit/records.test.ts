import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { type Result, resultName, resultText, resultTexts } from '../../bench/records/record.ts';
import { tableText } from '../../bench/records/table-text.ts';
import { recordsPage } from '../../scripts/reference/records-page.ts';

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 };
const object = (properties: object, ...optional: string[]) => ({
  ...{ type: 'object', properties, additionalProperties: false },
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const rows = { type: 'array', minItems: 1, items: { type: 'array', items: { type: ['string', 'number'] } } };
const tables = { type: 'array', minItems: 1, items: object({ caption: text, columns: texts, rows }, 'caption') };
const shape = object(
  {
    title: text,
    command: { type: 'string', pattern: 'npm run (bench|bench:ci|bench:peers|claim)( -- |$)' },
    date: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
    version: { type: 'string', pattern: '^[0-9a-f]{8,}$' },
    node: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
    machine: object({ processor: text, cores: { type: 'integer' }, gigabytes: { type: 'integer' } }),
    ...{ about: text, tables, notes: texts, peers: { type: 'object', additionalProperties: text } },
    checks: { type: 'array', items: object({ text, holds: { type: 'boolean' } }) },
  },
  ...['checks', 'notes', 'peers'],
);
const isResult = new Ajv2020({ allowUnionTypes: true }).compile<Result>(shape);

test.each([...resultTexts()])('bench/results/%s.json has the shape of a result, and the name of its command', (name, content) => {
  const result: unknown = JSON.parse(content);
  expect(isResult(result), JSON.stringify(isResult.errors)).toBe(true);
  if (!isResult(result)) return;
  expect(resultText(result)).toBe(content);
  expect(resultName(result.command)).toBe(name);
  for (const { columns, rows: lines } of result.tables) for (const line of lines) expect(line).toHaveLength(columns.length);
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
  tables: [{ caption: 'Sizes', columns: ['size', 'ours'], rows: [[10, 0.5], [1000, 20.25]]}], // biome-ignore format: rows as tables
  checks: [{ text: 'at most 1', holds: false }],
};

describe('the page of records', () => {
  test('has the command, the origin, the table and the checks of a result', () => {
    expect(recordsPage(new Map([['claim-x-5', result]]))).toContain(`## Tuning

About.

\`npm run claim -- x 5\`: 2026-01-02; version 0123abcd; Node 20.0.0; 2 x P, 8 GB.

Sizes:

| size | ours |
| ---: | ---: |
| 10 | .50 |
| 1,000 | 20.25 |

- **Missed**: at most 1
`);
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
    ['bench', 'scoring'],
    ['bench:peers', 'als'],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [runner, script, 'nothing'], { encoding: 'utf8' });
    expect(status).toBe(64);
    expect(stderr).toMatch(new RegExp(`^${script}: nothing is named nothing; there are: .*\\b${name}\\b`));
  }
});
