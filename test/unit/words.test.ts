import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dialect } from './dialect.ts';

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
const written = /^(packages\/\w+\/src|assembly|bench|docs|examples|scripts|test)\/.*\.(tsx?|mjs|md)$|^[A-Z]+\.md$/;

test('doc comments do not begin with "What": they name a thing, or say what is done', async () => {
  expect(await linesLike(/^\s*\/\*\* What(ever)? /, code)).toEqual([]);
});

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

test('a customer is they', async () => {
  expect(await linesLike(/\b(h[e]|h[i]s|h[i]m)\b/, written)).toEqual([]);
});

/** Comments of TypeScript sources, and their string literals of several words; each as one text. */
async function wordsOf(of: RegExp): Promise<{ comments: string; texts: string }> {
  const names = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((name) => of.test(name));
  const sources = await Promise.all(names.map((name) => readFile(join(root, name), 'utf8')));
  const comment = /\/\*[\s\S]*?\*\/|(?<!\S)\/\/[^\n]*/g;
  const all = sources.join('\n');
  const comments = (all.match(comment) ?? []).join('\n').replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ');
  const literals = all.replaceAll(comment, '').match(/'(?:[^'\\\n]|\\.)*'|"[^"\n]*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  return { comments, texts: literals.filter((text) => /[a-z] [a-z]/.test(text)).join('\n') };
}

/** Words that tests, benches and scripts do not use either. */
const banned = new RegExp(`\\b(${dialect.flatMap(({ word, nowhere }) => (nowhere ? [word] : [])).join('|')})\\b`, 'gi');

test('tests, benches and scripts use the words of the field', async () => {
  const { comments, texts } = await wordsOf(/^(bench|scripts|test(?!\/unit\/(words|dialect)))\/.*\.(tsx?|mjs)$/);
  expect(comments.match(banned)).toBeNull();
  expect(texts.match(banned)).toBeNull();
});

test('comments and texts use the words of the field', async () => {
  const { comments, texts } = await wordsOf(/^(packages\/\w+\/src|assembly)\/.*\.tsx?$/);
  const count = (text: string, word: string) => text.match(new RegExp(`\\b${word}\\b`, 'gi'))?.length ?? 0;
  const tooMany = dialect.flatMap(({ word, use, comments: most = Infinity, texts: mostTexts = Infinity }) => {
    const found = { comments: count(comments, word), texts: count(texts, word) };
    return found.comments > most || found.texts > mostTexts ? [{ word, use, ...found }] : [];
  });
  expect(tooMany).toEqual([]);
});
