import type { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../command.ts';

async function runs({ config }: CommonOptions) {
  const { listRuns, loadConfig, runsText, settingsPath } = await import('@basketwise/pipeline');
  const settings = await loadConfig(config);
  const found = await listRuns(settingsPath(settings, settings.config.output.dir));
  return { json: found, text: runsText(found) };
}

/** `basketwise runs`: what runs there are. */
export function registerRuns(program: Command): void {
  withCommonOptions(program.command('runs'))
    .description('list the runs of the output folder, the newest last')
    .action(action(({ json }: CommonOptions) => json === true, runs));
}
