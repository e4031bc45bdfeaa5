import { type PostgresSettings, type PublishedCounts, publishToPostgres } from '@basketwise/data';
import { type Settings, settingsPath } from '../config/load.ts';
import { postgresSettings } from '../drivers/postgres-settings.ts';
import { publishedTable } from './published-rows.ts';
import { lastPublisher, notePublisher } from './published-to.ts';
import type { RunContext } from './run-context.ts';
import type { Stage } from './stage.ts';

/**
 * Connection settings of the config's `output.postgres`.
 * @throws AppError not-permitted if the variable of the address is not set, config if it contains no address
 */
export function postgresTarget(settings: Settings): PostgresSettings {
  const { postgres } = settings.config.output;
  return postgresSettings('output.postgres', postgres!, (path) => settingsPath(settings, path));
}

/**
 * Publishes the run's recommendations and offers to the PostgreSQL tables of the config, replacing those of the same reference date: each
 * table separately.
 */
export const publishPostgres: Stage<readonly PublishedCounts[] | null> = {
  name: 'publish-postgres',
  when: ({ output }) => output.postgres !== undefined,
  without: null,
  key: ({ context }) => publicationKey(context),
  async work({ context }) {
    const { settings, signal, referenceDate } = context;
    const { engine } = await context.snapshot();
    const { schema, table, offers_table: offersTable, readers } = settings.config.output.postgres!;
    const publication = { schema, table, readers, referenceDate, campaigns: Object.keys(settings.config.campaigns) };
    await notePublisher(context, 'postgres', targetOf(context));
    const watch = { signal, step: (step: string) => context.tell(step) };
    const target = postgresTarget(settings);
    const summary = await publishToPostgres(target, engine, publishedTable(context, engine), publication, watch);
    if (settings.config.offers) {
      const offers = publishedTable(context, engine, 'offers');
      await publishToPostgres(target, engine, offers, { ...publication, table: offersTable, of: 'offers' }, watch);
    }
    return { files: [], summary };
  },
};

/**
 * Key of all inputs of a publication besides its content: the table, its server, its readers; and that no other run has published there
 * since.
 */
async function publicationKey(context: RunContext): Promise<string> {
  const target = targetOf(context);
  const { offers, output } = context.settings.config;
  const { readers, offers_table: offersTable } = output.postgres!;
  return JSON.stringify({
    target,
    readers,
    ...(offers ? { offersTable } : {}),
    last: await lastPublisher(context, 'postgres', target),
  });
}

/** A date in a table of a database. */
function targetOf({ settings, referenceDate }: RunContext): string {
  const { schema, table } = settings.config.output.postgres!;
  const { host, port, database } = postgresTarget(settings);
  return `${host}:${port} ${database} ${schema}.${table} ${referenceDate}`;
}
