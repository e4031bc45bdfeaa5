import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface JournalOptions extends CommonOptions {
  noted?: string;
}

async function verifyJournalOf(terminal: Terminal, { config, noted }: JournalOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { journalText, verifyJournal } = await import('@basketwise/audit/release');
  const found = await verifyJournal(settings, noted);
  return { json: found, text: journalText(found) };
}

/** Registers `basketwise journal verify`: checks the hash chain and the signatures of the journal. */
export function registerJournal(program: Command, terminal: Terminal): void {
  const journal = program.command('journal').description('check the journal of releases, stops and erasures');
  withCommonOptions(journal.command('verify'))
    .description('check that no line of journal.jsonl was changed, cut, moved or forged; prints the hash of the last line')
    .option('--noted <hash>', 'hash of a line that was written down earlier: it must be there')
    .action(action(terminal, ({ json }: JournalOptions) => json === true, verifyJournalOf));
}
