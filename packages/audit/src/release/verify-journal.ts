import { AppError } from '@basketwise/core/base';
import { hasLine, readJournal, type Settings, settingsPath } from '@basketwise/pipeline';
import { keysOf } from './journal-session.ts';
import { checkSignatures } from './run-signatures.ts';

/** Result of checking a journal, if no line was changed. */
export interface JournalCheck {
  entries: number;
  /** Number of signatures that were checked; null if the config has no `release`. */
  signatures: number | null;
  /** sha256 of the journal's last line. */
  last: string;
}

/**
 * Checks the hash chain of the journal and, if the config has `release`, each signature.
 * @param noted hash of a journal line that a person noted earlier; the journal must still have that line
 * @throws AppError bad-data that names the first fault
 */
export async function verifyJournal(settings: Settings, noted?: string): Promise<JournalCheck> {
  const journal = await readJournal(settingsPath(settings, settings.config.output.dir));
  if (noted !== undefined && !hasLine(journal, noted))
    throw new AppError(
      'bad-data',
      `no line of the journal has the hash ${noted}`,
      'Lines are missing or changed: compare the journal with a copy.',
    );
  const keys = settings.config.release && (await keysOf(settings));
  return { entries: journal.entries.length, signatures: keys ? checkSignatures(journal, keys) : null, last: journal.last };
}

/** Text on the check of a journal for the terminal. */
export function journalText({ entries, signatures, last }: JournalCheck): string {
  if (entries === 0) return 'no journal yet\n';
  const signed = signatures === null ? 'signatures not checked: the config has no `release`' : `${signatures} signatures`;
  return `${entries === 1 ? '1 entry' : `${entries} entries`}, ${signed}; the last line has the hash ${last}\n`;
}
