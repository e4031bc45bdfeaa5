import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dialect } from './dialect.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Words of a text in lower case between blanks; those of an identifier each by itself. */
function plainWords(text: string): string {
  return ` ${text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, ' ')} `;
}

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
