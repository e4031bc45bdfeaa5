import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { basketwise, exitCodeOf, smallBank, testBank } from '../pipeline/small-bank.ts';

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank(smallBank()));
});

const withStreams = (redirection: string, ...args: readonly string[]) => exitCodeOf(folder, redirection, args);
const isPublished = () => existsSync(join(folder, 'out', 'latest', 'recommendations.csv'));
const isLocked = () => existsSync(join(folder, 'out', '.lock'));

longTest('stdout that cannot be written is 74, and no reason to forget a failure', async () => {
  expect(await withStreams('>/dev/full', 'run')).toBe(74);
  expect(isPublished()).toBe(true);
  expect(isLocked()).toBe(false);
  expect(await withStreams('>/dev/full', 'report', 'no-such-run', '--json')).toBe(66);
  expect(await withStreams('>&-', 'report')).toBe(0);
});

test('a name with an escape sequence is printed as text', async () => {
  const products = smallBank().products.replaceAll('실손보험', '실손\u001b[31m보험\u009b1m');
  await writeFile(join(folder, 'products.csv'), products);
  await writeFile(join(folder, 'holdings.csv'), smallBank().holdings.replaceAll('실손보험', '실손\u001b[31m보험\u009b1m'));
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  for (const args of [
    ['similar', 'I2'],
    ['rules', '--json'],
    ['similar', 'I2', '--json'],
    ['report', '--json'],
    ['explain', '0001'],
  ]) {
    const { stdout, exitCode } = await basketwise(folder, ...args);
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/[^\P{Cc}\n\t]/u);
  }
});
