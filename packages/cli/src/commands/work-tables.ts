import type { WorkTableAction } from '@basketwise/pipeline';
import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import { stoppable } from '../signals.ts';
import { say } from '../streams.ts';

const descriptions: Readonly<Record<WorkTableAction, string>> = {
  plan: 'print the SQL that makes the work tables; touches nothing',
  create: 'make the work tables anew, off-peak; runs read them from then on',
  drop: 'drop the work tables',
};

async function workTables(what: WorkTableAction, { config }: CommonOptions): Promise<Answer> {
  const { loadConfig, runWorkTables } = await import('@basketwise/pipeline');
  const settings = await loadConfig(config);
  const progress = (table: string) => say(`making ${table}\n`);
  const tables = await stoppable((signal) => runWorkTables(settings, what, { signal, progress }));
  const text =
    what === 'plan' ? tables.map(({ create }) => create.join(';\n')).join(';\n\n') : tables.map(({ name }) => name).join('\n');
  return { json: tables, text: `${text}${what === 'plan' ? ';' : ''}\n` };
}

/** `basketwise work-tables`: joins of the source carried out ahead of the night, as tables of Hive. */
export function registerWorkTables(program: Command): void {
  const group = program.command('work-tables').description('joins of the Hive source precomputed as tables: plan, create, drop');
  for (const [what, description] of Object.entries(descriptions) as [WorkTableAction, string][]) {
    withCommonOptions(group.command(what))
      .description(description)
      .action(
        action(
          ({ json }: CommonOptions) => json === true,
          (options: CommonOptions) => workTables(what, options),
        ),
      );
  }
}
