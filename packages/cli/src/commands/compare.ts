import type { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../command.ts';

async function compare(before: string, after: string | undefined, { config }: CommonOptions) {
  const { compareRuns, comparisonText, loadConfig } = await import('@basketwise/pipeline');
  const found = await compareRuns(await loadConfig(config), before, after);
  return { json: found, text: comparisonText(found) };
}

/** `basketwise compare`: what changed between two runs. */
export function registerCompare(program: Command): void {
  withCommonOptions(program.command('compare'))
    .argument('<before>', 'name of a run')
    .argument('[after]', 'name of another; the latest without it')
    .description('what changed between two runs: customers, lists, products that came or went')
    .action(action((_: string, _after: string | undefined, { json }: CommonOptions) => json === true, compare));
}
