import { join } from 'node:path';
import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface OutcomesOptions extends CommonOptions {
  runs?: true;
}

async function showOutcomes(terminal: Terminal, { config, runs }: OutcomesOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { offers, output } = settings.config;
  const format = output.formats.find((one) => one !== 'parquet') ?? output.formats[0];
  const { publishedOutcomes, readEarlierRuns } = await import('@basketwise/pipeline');
  const { outcomesText } = await import('../outcomes-text.ts');
  const read = await readEarlierRuns(settings);
  const text = outcomesText(read, {
    ...{ width: terminal.width, withRuns: runs === true },
    ...(offers && { contactList: join(output.dir, 'latest', `contact-list.${format}`) }),
  });
  return { json: publishedOutcomes(read), text };
}

/** `basketwise outcomes`: effect report of earlier runs, contacted against control. */
export function registerOutcomes(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('outcomes'))
    .description(
      'compare the purchases of offered and control customers since earlier runs, with intervals; write outcomes.parquet',
    )
    .option('--runs', 'print a table for each run, too')
    .action(action(terminal, ({ json }: OutcomesOptions) => json === true, showOutcomes));
}
