import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface OutcomesOptions extends CommonOptions {
  runs?: true;
}

async function showOutcomes(terminal: Terminal, { config, runs }: OutcomesOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { contactsOf, readEarlierRuns } = await import('@basketwise/pipeline');
  const { publishedOutcomes } = await import('@basketwise/offers');
  const { outcomesText } = await import('../outcomes-text.ts');
  const read = await readEarlierRuns(settings);
  const published = publishedOutcomes(read);
  const latest = join(dirname(read.file), 'latest');
  const contacts = await contactsOf(latest);
  // A run whose lists were taken back has no list.
  const hasList = contacts !== null && existsSync(join(latest, contacts.file));
  const text = outcomesText(published, {
    ...{ width: terminal.width, withRuns: runs === true },
    ...(hasList && { contacts: { ...contacts, list: `${contacts.file} (in ${latest})` } }),
  });
  return { json: published, text };
}

/**
 * Registers `basketwise outcomes`: prints the effect report of earlier runs, which compares contacted customers with the control.
 */
export function registerOutcomes(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('outcomes'))
    .description(
      'compare the purchases of offered and control customers since earlier runs, with intervals; write outcomes.parquet',
    )
    .option('--runs', 'print a table for each run, too')
    .action(action(terminal, ({ json }: OutcomesOptions) => json === true, showOutcomes));
}
