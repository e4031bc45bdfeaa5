import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Lines of files that match, those of a doc comment's head as one, as `file:line text`. */
async function linesLike(pattern: RegExp, of: RegExp): Promise<string[]> {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
  const found: string[] = [];
  for (const file of files.filter((name) => of.test(name))) {
    const lines = (await readFile(join(root, file), 'utf8')).replaceAll(/\/\*\*\n\s*\*/g, '\n/**').split('\n');
    for (const [i, line] of lines.entries()) if (pattern.test(line)) found.push(`${file}:${i + 1} ${line.trim()}`);
  }
  return found;
}

const code = /^(packages\/\w+\/src|assembly|bench|examples|scripts|test)\/.*\.(tsx?|mjs)$/;

test('a key of a map that must be there is asked for by `required`', async () => {
  expect(await linesLike(/\.get\((?:[^()]|\([^()]*\))*\)!/, code)).toEqual([]);
});

test('no result depends on the version of Node: functions whose last bit differs come from numbers/elementary.ts', async () => {
  const sources = /^packages\/\w+\/src\/.*\.tsx?$/;
  expect(
    await linesLike(/\bMath\.(a?cosh?|a?sinh?|a?tanh?|atan2|cbrt|exp|expm1|hypot|log|log1p|log2|log10|pow)\(/, sources),
  ).toEqual([]);
  expect(await linesLike(/[\w)\]] \*\* -?(\d*\.\d|\()/, sources)).toEqual([]);
});
