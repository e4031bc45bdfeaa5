import { readFileSync } from 'node:fs';
import { exitCodes } from '@basketwise/pipeline/exit-codes';
import { exitCodeTexts } from './exit-code-texts.ts';

/** Version of this package. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Longest line of the help. */
const helpWidth = 80;

const meanings = Object.entries(exitCodes).map(
  ([code, number]) => `${number} ${exitCodeTexts[code as keyof typeof exitCodes].short}`,
);

/** Lists the codes with their meanings, on lines of at most `helpWidth` characters. */
function listed(): string {
  const lines = ['Exit codes: 0 done'];
  for (const meaning of meanings) {
    const longer = `${lines.at(-1)}; ${meaning}`;
    if (longer.length < helpWidth) lines[lines.length - 1] = longer;
    else lines.push(meaning);
  }
  return lines.join(';\n');
}

/** Meanings of the exit codes, below the help. */
export const exitCodeHelp = `\n${listed()}.`;
