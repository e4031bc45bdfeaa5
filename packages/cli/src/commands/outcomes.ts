import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';

async function outcomes({ config }: CommonOptions): Promise<Answer> {
  const { loadConfig, outcomesText, publishedOutcomes, readEarlierRuns } = await import('@basketwise/pipeline');
  const read = await readEarlierRuns(await loadConfig(config));
  return { json: publishedOutcomes(read), text: outcomesText(read) };
}

/** `basketwise outcomes`: what customers bought since earlier runs, offered against control. */
export function registerOutcomes(program: Command): void {
  withCommonOptions(program.command('outcomes'))
    .description('what customers bought since earlier runs: offered against control, with intervals; writes outcomes.parquet')
    .action(action(({ json }: CommonOptions) => json === true, outcomes));
}
