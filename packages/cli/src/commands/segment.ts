import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function showSegments(terminal: Terminal, { config }: CommonOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { segmentText } = await import('@basketwise/clusters');
  const { recountSegments } = await import('@basketwise/insight');
  const table = await recountSegments(settings, terminal);
  return { json: table, text: segmentText(table) };
}

/** Registers `basketwise segment`: counts the customers of the newest snapshot by the segments of the config. */
export function registerSegment(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('segment'))
    .description("count the config's segments on the newest snapshot's customers")
    .action(action(terminal, ({ json }: CommonOptions) => json === true, showSegments));
}
