import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { HiveEngine, type HivePublication, type PublishedCounts, publishToHive } from '@basketwise/data';
import { settingsPath } from '../config/load.ts';
import { addressOf, type HiveLike, hiveSettings, offersTableOf } from '../drivers/hive-settings.ts';
import type { StageResult } from '../run/run-folder.ts';
import { publishedTable } from './published-rows.ts';
import { lastPublisher, notePublisher } from './published-to.ts';
import type { RunContext } from './run-context.ts';
import type { Stage } from './stage.ts';

/** Publication to the tables of a server. */
function publishTo(server: HiveLike): Stage<readonly PublishedCounts[] | null> {
  return {
    name: `publish-${server}`,
    when: ({ output }) => output[server] !== undefined,
    without: null,
    key: ({ context }) => publicationKey(context, server),
    work: ({ site }) => site.publishTo(server),
  };
}

export const publishHive = publishTo('hive');
export const publishSpark = publishTo('spark');

/**
 * Publishes the run's recommendations and offers to a server's tables, replacing those of the same reference date: each table separately.
 */
export async function publishRows(context: RunContext, to: HiveLike): Promise<StageResult<readonly PublishedCounts[]>> {
  const { settings, signal } = context;
  const { engine } = await context.snapshot();
  const hive = new HiveEngine(hiveSettings(settings.config.source, (path) => settingsPath(settings, path), process.env, to));
  try {
    const watch = { signal, step: (step: string, campaign?: string) => context.tell(campaign ? `${step} ${campaign}` : step) };
    await noteHivePublisher(context, to);
    const publication = publicationOf(context, to);
    const summary = await publishToHive(hive, engine, publishedTable(context, engine), publication, watch);
    if (settings.config.offers) {
      const offers = publishedTable(context, engine, 'offers');
      const table = offersTableOf(settings.config.output[to]!);
      await publishToHive(hive, engine, offers, { ...publication, table, of: 'offers' }, watch);
    }
    return { files: [], summary };
  } finally {
    await hive.close();
  }
}

/** A run's publication to a server: content, destination and publisher. */
export function publicationOf({ settings, folder, referenceDate }: RunContext, to: HiveLike): HivePublication {
  const { output, campaigns } = settings.config;
  const { table, shared } = output[to]!;
  return {
    ...{ table, referenceDate, campaigns: Object.keys(campaigns), run: folder.identity.hash.slice(0, 8) },
    ...{ publisher: publisherOf(settingsPath(settings, output.dir)), shared: shared && settingsPath(settings, shared) },
  };
}

/** Identity of an output folder on a host: its lock lets one run publish at a time. */
function publisherOf(output: string): string {
  return createHash('sha256').update(`${hostname()}\0${output}`).digest('hex').slice(0, 16);
}

/**
 * Key of all inputs of a publication besides its content: the table, its server, the session's settings; and that no other run has
 * published the same date there since.
 */
async function publicationKey(context: RunContext, to: HiveLike): Promise<string> {
  const { source, offers, output } = context.settings.config;
  const target = hiveTarget(context, to);
  return JSON.stringify({
    target,
    session: source[to]?.session ?? {},
    ...(offers ? { offersTable: offersTableOf(output[to]!) } : {}),
    last: await lastPublisher(context, to, target),
  });
}

/** Records that this run publishes, before it changes the destination. */
export async function noteHivePublisher(context: RunContext, to: HiveLike): Promise<void> {
  await notePublisher(context, to, hiveTarget(context, to));
}

/** The partitions of a date in a table of a server. */
function hiveTarget({ settings, referenceDate }: RunContext, to: HiveLike): string {
  const { source, output } = settings.config;
  const server = source[to]!;
  return `${addressOf(server)} ${server.database} ${output[to]!.table} ${referenceDate}`;
}
