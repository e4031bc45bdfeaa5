import type { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function rollbackTo(terminal: Terminal, run: string, { config }: CommonOptions) {
  const { openConfig, rollback, takeOutput } = await import('@basketwise/pipeline/runs');
  const { output, needsApprovals } = await openConfig(config, terminal.cwd);
  if (needsApprovals) {
    const { AppError } = await import('@basketwise/core/error');
    const hint = `Use \`basketwise release ${run}\`; to take lists back at once, \`basketwise stop --to ${run}\`.`;
    throw new AppError('not-released', 'with `release` no run is published without approvals', hint);
  }
  const lock = await takeOutput(output);
  try {
    await rollback(output, run);
  } finally {
    await lock.release();
  }
  return { json: { latest: run }, text: `latest is ${run}\n` };
}

/** Registers `basketwise rollback`: sets `latest` back to an earlier run. */
export function registerRollback(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('rollback'))
    .argument('<run>', 'name of the run folder')
    .description('point `latest` back at an earlier successful run')
    .action(action(terminal, (_: string, { json }: CommonOptions) => json === true, rollbackTo));
}
