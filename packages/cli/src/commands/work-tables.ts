import type { WorkTableAction } from '@basketwise/pipeline';
import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

const descriptions: Readonly<Record<WorkTableAction, string>> = {
  plan: 'print the SQL that creates the work tables; change nothing',
  create: 'create the work tables again, off-peak; later runs read them',
  drop: 'drop the work tables',
};

async function workTables(terminal: Terminal, what: WorkTableAction, { config }: CommonOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { runWorkTables } = await import('@basketwise/pipeline');
  const progress = (table: string) => terminal.say(`making ${table}\n`);
  const tables = await stoppable((signal) => runWorkTables(settings, what, { signal, progress }));
  const text =
    what === 'plan' ? tables.map(({ create }) => create.join(';\n')).join(';\n\n') : tables.map(({ name }) => name).join('\n');
  return { json: tables, text: `${text}${what === 'plan' ? ';' : ''}\n` };
}

/** Registers `basketwise work-tables`: precomputes the joins of the source as tables in Hive. */
export function registerWorkTables(program: Command, terminal: Terminal): void {
  const group = program
    .command('work-tables')
    .description('joins of the Hive or Spark source precomputed as tables: plan, create, drop');
  for (const [what, description] of Object.entries(descriptions) as [WorkTableAction, string][]) {
    withCommonOptions(group.command(what))
      .description(description)
      .action(
        action(
          terminal,
          ({ json }: CommonOptions) => json === true,
          (_: Terminal, options: CommonOptions) => workTables(terminal, what, options),
        ),
      );
  }
}
