import type { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function runs(terminal: Terminal, { config }: CommonOptions) {
  const { listRuns, openConfig, listedRunsText } = await import('@basketwise/pipeline/runs');
  const { output } = await openConfig(config, terminal.cwd);
  const found = await listRuns(output);
  return { json: found, text: listedRunsText(found, output) };
}

/** Registers `basketwise runs`: lists the runs. */
export function registerRuns(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('runs'))
    .description('list the runs of the output folder, the newest last')
    .action(action(terminal, ({ json }: CommonOptions) => json === true, runs));
}
