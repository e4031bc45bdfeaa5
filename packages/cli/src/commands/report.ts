import { join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import type { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function showReport(terminal: Terminal, run: string | undefined, { config }: CommonOptions) {
  const { openConfig, readJson, successfulRun } = await import('@basketwise/pipeline/runs');
  const { output } = await openConfig(config, terminal.cwd);
  const name = await successfulRun(output, run);
  const folder = join(output, 'runs', name);
  const json = await readJson(join(folder, 'report.json'));
  if (json === undefined) {
    throw new AppError('missing-input', `run ${name} has no report`, 'Set output.report and run again.');
  }
  return { json, text: `${join(folder, 'report.html')}\n` };
}

/** Registers `basketwise report`: prints the path of a run's report, or the report's data. */
export function registerReport(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('report'))
    .argument('[run]', 'name of the run; `latest` without it')
    .description("print the path of a run's report, or its data with --json")
    .action(action(terminal, (_: string | undefined, { json }: CommonOptions) => json === true, showReport));
}
