import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';

async function segment({ config }: CommonOptions): Promise<Answer> {
  const { loadConfig, recountSegments, segmentText } = await import('@basketwise/pipeline');
  const table = await recountSegments(await loadConfig(config));
  return { json: table, text: segmentText(table) };
}

/** `basketwise segment`: the config's segments, counted on the customers of the latest run. */
export function registerSegment(program: Command): void {
  withCommonOptions(program.command('segment'))
    .description("count the config's segments on the latest run's customers")
    .action(action(({ json }: CommonOptions) => json === true, segment));
}
