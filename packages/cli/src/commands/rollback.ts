import type { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../command.ts';

async function rollbackTo(run: string, { config }: CommonOptions) {
  const { loadConfig, rollback, settingsPath, takeOutput } = await import('@basketwise/pipeline');
  const settings = await loadConfig(config);
  const output = settingsPath(settings, settings.config.output.dir);
  const lock = await takeOutput(output);
  try {
    await rollback(output, run);
  } finally {
    await lock.release();
  }
  return { json: { latest: run }, text: `latest is ${run}\n` };
}

/** `basketwise rollback`: point `latest` back at an earlier run. */
export function registerRollback(program: Command): void {
  withCommonOptions(program.command('rollback'))
    .argument('<run>', 'name of the run folder')
    .description('point `latest` back at an earlier successful run')
    .action(action((_: string, { json }: CommonOptions) => json === true, rollbackTo));
}
