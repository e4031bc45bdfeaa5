import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { type Result, resultName, resultText, resultTexts } from '../../bench/records/record.ts';

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
