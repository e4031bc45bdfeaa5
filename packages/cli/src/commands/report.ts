import { join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import type { Command } from 'commander';
import { action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function report(terminal: Terminal, run: string | undefined, { config }: CommonOptions) {
  const settings = await settingsOf(config, terminal);
  const { readJson, settingsPath, successfulRun } = await import('@basketwise/pipeline/base');
  const output = settingsPath(settings, settings.config.output.dir);
  const name = await successfulRun(output, run);
  const folder = join(output, 'runs', name);
  const json = await readJson(join(folder, 'report.json'));
  if (json === undefined) {
    throw new AppError('missing-input', `run ${name} has no report`, 'Set output.report and run again.');
  }
  return { json, text: `${join(folder, 'report.html')}\n` };
}

/** `basketwise report`: the path of a run's report, or its data. */
export function registerReport(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('report'))
    .argument('[run]', 'name of the run; `latest` without it')
    .description("print the path of a run's report, or its data with --json")
    .action(action(terminal, (_: string | undefined, { json }: CommonOptions) => json === true, report));
}
