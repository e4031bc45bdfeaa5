import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dialect } from './dialect.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface GlossaryRow {
  readonly term: string;
  /** The term, and its names in code and config, where the row gives them. */
  readonly names: readonly string[];
  /** File that the row points at, from the root. */
  readonly file: string;
}

/** Rows of docs/glossary.md. */
async function glossary(): Promise<GlossaryRow[]> {
  const text = await readFile(join(root, 'docs/glossary.md'), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((line) => {
    const [, term = '', , also = '', code = ''] = line.split('|').map((cell) => cell.trim());
    const given = [...also.matchAll(/(?:code|config)(?: and \w+)?: ([^;]+)/g)].flatMap(([, names]) => names!.split(', '));
    return { term, names: [term.replace(/ \(.*\)$/, ''), ...given], file: /\]\(\.\.\/([^)]+)\)/.exec(code)![1]! };
  });
}

/** Words of a text in lower case between blanks; those of an identifier each by itself. */
function plainWords(text: string): string {
  return ` ${text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, ' ')} `;
}

test('each term of the glossary, or the name that its row gives, stands in the file that its row points at', async () => {
  const missing: string[] = [];
  for (const { term, names, file } of await glossary()) {
    const text = plainWords(`${file} ${await readFile(join(root, file), 'utf8')}`);
    // plurals and `-ed` forms count
    if (!names.some((name) => text.includes(plainWords(name).trimEnd()))) missing.push(`${term}: ${file}`);
  }
  expect(missing).toEqual([]);
});

test('terms of the glossary are distinct and in order', async () => {
  const terms = (await glossary()).map(({ term }) => term.toLowerCase());
  expect(terms).toEqual([...new Set(terms)].sort());
});

test('identifiers use the words of the field', async () => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
  const own = files.filter((name) => /^(packages\/\w+\/src|assembly)\/.*\.tsx?$/.test(name) && !name.includes('/generated/'));
  const names = new Set<string>();
  for (const file of own) {
    const source = await readFile(join(root, file), 'utf8');
    const code = source.replaceAll(/\/\*[\s\S]*?\*\/|(?<!\S)\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"[^"\n]*"|`(?:[^`\\]|\\.)*`/g, ' ');
    for (const name of code.match(/[A-Za-z_]\w*/g) ?? []) names.add(name);
  }
  const words = [...names].map((name) => ({ name, text: plainWords(name) }));
  const tooMany = dialect.flatMap(({ word, names: most = Infinity, use }) => {
    const isLike = new RegExp(` ${word} `);
    const found = words.flatMap(({ name, text }) => (isLike.test(text) ? [name] : []));
    return found.length > most ? [`${word} (${use}): ${found.join(', ')}`] : [];
  });
  expect(tooMany).toEqual([]);
});
