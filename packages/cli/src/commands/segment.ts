import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import { tell } from '../streams.ts';

async function segment({ config }: CommonOptions): Promise<Answer> {
  const { loadConfig, recountSegments, segmentText } = await import('@basketwise/pipeline');
  const table = await recountSegments(await loadConfig(config), { tell });
  return { json: table, text: segmentText(table) };
}

/** `basketwise segment`: the config's segments, counted on the customers of the newest snapshot. */
export function registerSegment(program: Command): void {
  withCommonOptions(program.command('segment'))
    .description("count the config's segments on the newest snapshot's customers")
    .action(action(({ json }: CommonOptions) => json === true, segment));
}
