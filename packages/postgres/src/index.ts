import { checkServer, type PublishedCounts } from '@basketwise/data';
import {
  type EngineModule,
  publishedTable,
  type ResultTarget,
  type RunContext,
  type Settings,
  serverSource,
} from '@basketwise/pipeline';
import { PostgresEngine } from './engine.ts';
import { publishToPostgres } from './publish.ts';
import { sourceSettings, targetSettings } from './settings.ts';

/** PostgreSQL as an engine of the job: the server runs the queries, and DuckDB (the workbench) reads their rows. */
export const engine: EngineModule = {
  open: ({ source, path, workbench }) => serverSource(new PostgresEngine(sourceSettings(source, path)), workbench),
  async *check({ source, path }, request, signal) {
    const settings = sourceSettings(source, path);
    const server = { name: `PostgreSQL at ${settings.host}:${settings.port}/${settings.database}`, login: `as ${settings.user}` };
    yield* checkServer(new PostgresEngine(settings), server, request, signal);
  },
  target: postgresTarget,
};

function postgresTarget(settings: Settings): ResultTarget {
  const { output, offers } = settings.config;
  const { schema, table, readers, offers_table: offersTable } = output.postgres!;
  const { host, port, database } = targetSettings(settings);
  return {
    place: `${host}:${port} ${database} ${schema}.${table}`,
    inputs: { readers, ...(offers ? { offersTable } : {}) },
    publish: ({ context }) => publishRows(context),
  };
}

async function publishRows(context: RunContext): Promise<readonly PublishedCounts[]> {
  const { settings, signal, referenceDate } = context;
  const { engine: workbench } = await context.snapshot();
  const { schema, table, offers_table: offersTable, readers } = settings.config.output.postgres!;
  const publication = { schema, table, readers, referenceDate, campaigns: Object.keys(settings.config.campaigns) };
  const watch = { signal, step: (step: string) => context.tell(step) };
  const target = targetSettings(settings);
  const counts = await publishToPostgres(target, workbench, publishedTable(context, workbench), publication, watch);
  if (settings.config.offers) {
    const offers = publishedTable(context, workbench, 'offers');
    await publishToPostgres(target, workbench, offers, { ...publication, table: offersTable, of: 'offers' }, watch);
  }
  return counts;
}
