import type { Command } from 'commander';
import { action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function runs(terminal: Terminal, { config }: CommonOptions) {
  const settings = await settingsOf(config, terminal);
  const { listRuns, runsText, settingsPath } = await import('@basketwise/pipeline/base');
  const found = await listRuns(settingsPath(settings, settings.config.output.dir));
  return { json: found, text: runsText(found) };
}

/** `basketwise runs`: lists the runs. */
export function registerRuns(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('runs'))
    .description('list the runs of the output folder, the newest last')
    .action(action(terminal, ({ json }: CommonOptions) => json === true, runs));
}
