import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '@basketwise/core/base';
import { exitCodeTexts } from './exit-code-texts.ts';

/** Version of this package. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Number of characters of the longest line of the help. */
const helpWidth = 80;

const meanings = Object.entries(exitCodes).map(
  ([code, number]) => `${number} ${exitCodeTexts[code as keyof typeof exitCodes].short}`,
);

/** Text that lists the exit codes with their meanings, in lines of at most `helpWidth` characters. */
function listed(): string {
  const lines = ['Exit codes: 0 done'];
  for (const meaning of meanings) {
    const longer = `${lines.at(-1)}; ${meaning}`;
    if (longer.length < helpWidth) lines[lines.length - 1] = longer;
    else lines.push(meaning);
  }
  return lines.join(';\n');
}

/** Text about the exit codes, printed after the help. */
export const exitCodeHelp = `\n${listed()}.`;

/** Text that names the folder of the pages that hints mention: in the package, or in the repository. */
export function pagesHelp(): string {
  const folder = ['../docs', '../../../docs'].map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync);
  return folder === undefined ? '' : `\nPages (docs/): ${folder}`;
}
