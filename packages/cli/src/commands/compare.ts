import type { Command } from 'commander';
import { action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function compare(terminal: Terminal, before: string, after: string | undefined, { config }: CommonOptions) {
  const settings = await settingsOf(config, terminal);
  const { compareRuns, comparisonText } = await import('@basketwise/insight');
  const found = await compareRuns(settings, before, after);
  return { json: found, text: comparisonText(found) };
}

/** Registers `basketwise compare`: shows how two runs differ. */
export function registerCompare(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('compare'))
    .argument('<before>', 'name of the earlier run')
    .argument('[after]', 'name of the later run; `latest` without it')
    .description('show the changes between two runs: customers, lists, products that came or went')
    .action(action(terminal, (_: string, _after: string | undefined, { json }: CommonOptions) => json === true, compare));
}
