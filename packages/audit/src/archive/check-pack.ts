import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile, ifThere } from '@basketwise/data/base';
import { type JournalEntry, parseSealed, readJournal, validationFile } from '@basketwise/pipeline';
import { differs } from './recorded-bytes.ts';

/**
 * Newest entry of the journal that signs the present manifest of a run: a rejection, or an approval or a release since the last stop.
 * (A stop makes earlier approvals invalid, even for a run that was released.) Undefined if there is none.
 * @param run name of the run
 */
export async function signingEntry(output: string, run: string): Promise<JournalEntry | undefined> {
  const manifest = await hashFile(join(output, 'runs', run, 'manifest.json'));
  const { entries } = await readJournal(output);
  const stopped = entries.findLastIndex(({ what }) => what === 'stop');
  return entries.findLast(
    (entry, line) =>
      (entry.what === 'reject' || (line > stopped && ['approve', 'release'].includes(entry.what))) &&
      entry.run === run &&
      entry.files?.['manifest.json'] === manifest,
  );
}

/**
 * Compares the validation pack in a run folder with the hash in the entry of the journal that signs it or, if none does, with its own seal.
 * @param run name of the run
 * @param replaced whether another pack with a seal may replace the signed one, as before a further approval
 * @returns whether the folder has a pack
 * @throws AppError bad-data if the pack differs or, although it was signed, is missing
 */
export async function checkPack(output: string, run: string, { replaced }: { replaced: boolean }): Promise<boolean> {
  const folder = join(output, 'runs', run);
  const path = join(folder, validationFile);
  const text = await ifThere(path, readFile(path, 'utf8'));
  const { who, files } = (await signingEntry(output, run)) ?? {};
  const signed = files?.[validationFile];
  if (text === undefined) {
    if (signed !== undefined && !replaced) throw differs(folder, validationFile, 'is missing');
    return false;
  }
  if (signed !== undefined && (await hashFile(path)) === signed) return true;
  if (signed !== undefined && !replaced) throw differs(folder, validationFile, `is not the one that ${who} signed`);
  if (parseSealed(text) !== undefined) return true;
  throw differs(folder, validationFile, 'is damaged or of another version: validate the run again');
}
