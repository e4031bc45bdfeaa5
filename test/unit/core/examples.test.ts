import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readmeProgram } from '../../packages/readme-program.ts';
import { temporaryFolder } from '../data/bank.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = (file: string, ...args: string[]) => promisify(execFile)(process.execPath, [file, ...args], { cwd: root });

/** Output of each example, line by line. */
const printed: Record<string, readonly RegExp[]> = {
  'recommend.mjs': [/^credit card: 0\.\d+, because of current account$/, /^fund: 0\.\d+/, /^pension: 0\.\d+/],
  'explain.mjs': [
    /^customer 2 holds savings, fund: pension$/,
    /^ {2}fund: 0\.\d+$/,
    /^ {2}savings: 0\.\d+$/,
    /^like fund: savings$/,
  ],
  'save.mjs': [/^the same list from the file$/],
};

test('every example for Node is run here', async () => {
  const found = (await readdir(join(root, 'examples'))).filter((name) => name.endsWith('.mjs'));
  expect(found.sort()).toEqual(Object.keys(printed).sort());
});

test.each(Object.keys(printed))('%s prints what it says', async (name) => {
  const folder = await temporaryFolder();
  const { stdout } = await run(join(root, 'examples', name), join(folder, 'model.arrow'));
  await rm(folder, { recursive: true });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBe(printed[name]!.length);
  for (const [i, line] of lines.entries()) expect(line).toMatch(printed[name]![i]!);
});

test.each([
  ['core', /^credit card 0\.\d+ current account\nfund 0\.\d+ savings\n$/],
  ['recommend', /^share fund 0\.\d+ \S.*\n$/],
] as const)('the statements of the README of %s list what is not held, best first', async (name, listed) => {
  const folder = await mkdtemp(join(root, 'build', 'readme-'));
  await writeFile(join(folder, 'program.mjs'), await readmeProgram(name));
  const { stdout } = await run(join(folder, 'program.mjs'));
  expect(stdout).toMatch(listed);
});

test.each(['core', 'recommend'] as const)('the README of %s has five statements behind its data', async (name) => {
  const program = await readmeProgram(name);
  const statements = program.slice(program.indexOf('const core')).match(/;$/gm);
  expect(statements).toHaveLength(5);
  expect(await readFile(join(root, 'examples', 'page.html'), 'utf8')).toContain('await core.close();');
});
