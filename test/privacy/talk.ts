import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** Where a suite of tests keeps what was said in it; set by the global set-up. */
export const talkVariable = 'BASKETWISE_TEST_TALK';

/**
 * Ids of the tests' customers: zeros, then digits, 4, 8 or 10 in all, as the small bank, the random banks and the sample bank write them.
 * Parts of numbers, names, times and hashes are none.
 */
const customerId = /(?<![\w.:#%-])00(?:\d{2}|\d{6}|\d{8})(?![\w:%]|[.-]\d)/;

/** Files of a run that talk to people or machines, results and snapshots aside. */
const isTalk = (path: string) => /(\.log(\.\d)?|\.json|\.html|\.txt|\.sql)$/.test(path) && !path.includes('node_modules');

function place(): string | undefined {
  const folder = process.env[talkVariable];
  return folder === undefined ? undefined : join(folder, randomUUID());
}

/** The files in a folder and its folders; a folder may be named like a file. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** Keeps all logs, reports, states and manifests below a folder for the search at the end of the suite. */
export function keepTalkOf(folder: string): void {
  const to = place();
  if (to === undefined || !existsSync(folder)) return;
  for (const entry of filesBelow(folder)) {
    const file = relative(folder, entry);
    if (!isTalk(file)) continue;
    mkdirSync(to, { recursive: true });
    copyFileSync(entry, join(to, file.replaceAll('/', '~')));
  }
}

/** Keeps what a command or an error said. */
export function keepText(name: string, text: string): void {
  const to = place();
  if (to !== undefined) writeFileSync(`${to}-${name}.txt`, text);
}

/** Files below a folder that hold a customer's id, with what stands around it. */
export function filesWithIds(folder: string): string[] {
  return filesBelow(folder).flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const found = customerId.exec(text);
    return found ? [`${basename(path)}: ...${text.slice(Math.max(0, found.index - 60), found.index + 40)}...`] : [];
  });
}
