// Second tier, 12 s: the sample bank of `npm start`, with 20,000 customers.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { basketwise } from '../e2e/pipeline/small-bank.ts';
import { temporaryFolder } from '../unit/data/bank.ts';

test('README shows the rows that the sample bank gives', async () => {
  const folder = await temporaryFolder();
  const { exitCode } = await basketwise(folder, 'sample', '--out', folder);
  expect(exitCode).toBe(0);
  const made = new Set((await readFile(join(folder, 'out/latest/recommendations.csv'), 'utf8')).split('\n'));
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  const shown = /```csv\n([\s\S]*?)\n```/.exec(readme)![1]!.split('\n');
  expect(shown).toHaveLength(6);
  expect(shown.filter((line) => !made.has(line))).toEqual([]);
});
