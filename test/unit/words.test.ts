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
const written = /^(packages\/\w+\/src|assembly|bench|docs|examples|scripts|test)\/.*\.(tsx?|mjs|md)$|^[A-Z]+\.md$/;

test('doc comments do not begin with "What": they name a thing, or say what is done', async () => {
  expect(await linesLike(/^\s*\/\*\* What(ever)? /, code)).toEqual([]);
});

test('a key of a map that must be there is asked for by `required`', async () => {
  expect(await linesLike(/\.get\((?:[^()]|\([^()]*\))*\)!/, code)).toEqual([]);
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

/** Words that tests, benches and scripts do not use either, in comments and texts. The user `nobody` runs caged programs, and customers are named so. */
const banned = /\b(told|tells|telling|whoever|whom|whatever|everybody|lessons|pupil|rival|those who)\b/gi;

test('tests, benches and scripts use the words of the field', async () => {
  const { comments, texts } = await wordsOf(/^(bench|scripts|test(?!\/unit\/words))\/.*\.(tsx?|mjs)$/);
  expect(comments.match(banned)).toBeNull();
  expect(texts.match(banned)).toBeNull();
});

interface DialectWord {
  readonly word: string;
  /** The field's word, or what the sentence should name. */
  readonly use: string;
  /** Most that may stand in comments of packages/ and assembly/. */
  readonly comments: number;
  /** Most that may stand in texts of packages/: messages, reports, descriptions. */
  readonly texts: number;
}

/** Words that are not of the field. A number above 0 counts sentences that are still to be rewritten, or has its reason beside it. */
const dialect: readonly DialectWord[] = [
  { word: 'told', use: 'named, reported, given', comments: 0, texts: 0 },
  { word: 'tells', use: 'shows, names, determines', comments: 0, texts: 0 },
  { word: 'telling', use: 'exporters', comments: 0, texts: 0 },
  { word: 'whoever', use: 'name the set: callers, readers', comments: 0, texts: 0 },
  { word: 'whom', use: 'name the customers', comments: 0, texts: 1 },
  { word: 'nobody', use: 'no customer, no product', comments: 0, texts: 0 },
  { word: 'everybody', use: 'all customers', comments: 1, texts: 0 }, // a directive of the linter says why
  { word: 'anybody', use: 'any customer', comments: 0, texts: 1 },
  { word: 'somebody', use: 'a customer, a person', comments: 0, texts: 1 },
  { word: 'lessons', use: 'training data', comments: 0, texts: 0 },
  { word: 'pupil', use: 'learner', comments: 0, texts: 0 },
  { word: 'rival', use: 'challenger', comments: 0, texts: 0 },
  { word: 'as it was', use: 'unchanged', comments: 0, texts: 0 },
  { word: 'those who', use: 'customers with', comments: 0, texts: 1 },
  { word: 'nights?', use: 'run', comments: 0, texts: 6 }, // the page of an output folder and the parts of records are named so
  { word: 'nightly', use: 'batch', comments: 0, texts: 5 }, // the help, the page and pages of docs say nightly batch
  { word: 'leans?', use: 'prior, shrunk towards', comments: 0, texts: 0 },
  { word: 'leaning', use: 'prior', comments: 0, texts: 0 },
  { word: 'bends', use: 'curvature', comments: 0, texts: 10 }, // names of variables in templates
];

test('comments and texts use the words of the field', async () => {
  const { comments, texts } = await wordsOf(/^(packages\/\w+\/src|assembly)\/.*\.tsx?$/);
  const count = (text: string, word: string) => text.match(new RegExp(`\\b${word}\\b`, 'gi'))?.length ?? 0;
  const found = dialect.map(({ word, use }) => ({ word, use, comments: count(comments, word), texts: count(texts, word) }));
  const tooMany = found.filter((one, i) => one.comments > dialect[i]!.comments || one.texts > dialect[i]!.texts);
  expect(tooMany).toEqual([]);
});
