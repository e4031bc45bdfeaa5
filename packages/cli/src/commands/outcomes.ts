import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function showOutcomes(terminal: Terminal, { config }: CommonOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { outcomesText, publishedOutcomes, readEarlierRuns } = await import('@basketwise/pipeline');
  const read = await readEarlierRuns(settings);
  return { json: publishedOutcomes(read), text: outcomesText(read, terminal.width) };
}

/** `basketwise outcomes`: effect report of earlier runs, contacted against control. */
export function registerOutcomes(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('outcomes'))
    .description(
      'compare the purchases of offered and control customers since earlier runs, with intervals; write outcomes.parquet',
    )
    .action(action(terminal, ({ json }: CommonOptions) => json === true, showOutcomes));
}
