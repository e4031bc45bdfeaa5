import { join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import type { Command } from 'commander';
import { action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function runs(terminal: Terminal, { config }: CommonOptions) {
  const { listRuns, openConfig, listedRunsText } = await import('@basketwise/pipeline/runs');
  const { output } = await openConfig(config, terminal.cwd);
  const listed = await listRuns(output);
  return { json: listed, text: listedRunsText(listed, output) };
}

/** Registers `basketwise runs`: lists the runs. */
export function registerRuns(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('runs'))
    .description('list the runs of the output folder, the newest last')
    .action(action(terminal, ({ json }: CommonOptions) => json === true, runs));
}

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

async function rollbackTo(terminal: Terminal, run: string, { config }: CommonOptions) {
  const { openConfig, rollback, takeOutput } = await import('@basketwise/pipeline/runs');
  const { output, needsApprovals } = await openConfig(config, terminal.cwd);
  if (needsApprovals) {
    const { AppError } = await import('@basketwise/core/base');
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

async function compare(terminal: Terminal, before: string, after: string | undefined, { config }: CommonOptions) {
  const settings = await settingsOf(config, terminal);
  const { compareRuns, comparisonText } = await import('@basketwise/insight');
  const comparison = await compareRuns(settings, before, after);
  return { json: comparison, text: comparisonText(comparison) };
}

/** Registers `basketwise compare`: shows how two runs differ. */
export function registerCompare(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('compare'))
    .argument('<before>', 'name of the earlier run')
    .argument('[after]', 'name of the later run; `latest` without it')
    .description('show the changes between two runs: customers, lists, products that came or went')
    .action(action(terminal, (_: string, _after: string | undefined, { json }: CommonOptions) => json === true, compare));
}
