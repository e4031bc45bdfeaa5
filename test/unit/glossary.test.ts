import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

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

/** Words of the dialect, with the most distinct identifiers that may have them: names that are still to be renamed. */
const dialectNames: Readonly<Record<string, number>> = {
  ...{ told: 0, tells: 0, telling: 0, teller: 0, tell: 1, untold: 0 },
  ...{ whoever: 0, whom: 0, nobody: 2, everybody: 0, somebody: 0, anybody: 0 },
  ...{ lesson: 0, lessons: 0, pupil: 0, pupils: 0, rival: 0, rivals: 0 },
  ...{ fading: 0, leaning: 2, lean: 0, leans: 0, bend: 6, bends: 1, pulls: 0, hiding: 1 },
};

test('identifiers use the words of the field', async () => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
  const own = files.filter((name) => /^(packages\/\w+\/src|assembly)\/.*\.tsx?$/.test(name) && !name.includes('/generated/'));
  const found = new Map<string, Set<string>>();
  for (const file of own) {
    const source = await readFile(join(root, file), 'utf8');
    const code = source.replaceAll(/\/\*[\s\S]*?\*\/|(?<!\S)\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"[^"\n]*"|`(?:[^`\\]|\\.)*`/g, ' ');
    for (const name of code.match(/[A-Za-z_]\w*/g) ?? []) {
      for (const word of plainWords(name).trim().split(' ')) {
        if (Object.hasOwn(dialectNames, word)) found.set(word, (found.get(word) ?? new Set()).add(name));
      }
    }
  }
  const tooMany = [...found].filter(([word, names]) => names.size > dialectNames[word]!);
  expect(tooMany.map(([word, names]) => `${word}: ${[...names].join(', ')}`)).toEqual([]);
});
