import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { PublishedCounts } from '@basketwise/data';
import {
  addressOf,
  type HiveLike,
  offersTableOf,
  publishedTable,
  type ResultTarget,
  type RunContext,
  type Settings,
  settingsPath,
} from '@basketwise/pipeline';
import { HiveEngine } from './server/engine.ts';
import { type HivePublication, publishToHive } from './server/publish.ts';
import { hiveSettings } from './settings.ts';

/**
 * Target for results in tables of the server that a config names.
 * @throws AppError not-permitted if the environment variable of the password is not set
 */
export function hiveTarget(settings: Settings, to: HiveLike): ResultTarget {
  const { source, output, offers } = settings.config;
  const { table } = output[to]!;
  const server = source[to]!;
  targetSettings(settings, to);
  return {
    place: `${addressOf(server)} ${server.database} ${table}`,
    inputs: { session: server.session ?? {}, ...(offers ? { offersTable: offersTableOf(output[to]!) } : {}) },
    publish: ({ site, context }) => site.publishTo?.() ?? publishRows(context, to),
  };
}

/** Connection settings of the server that the output of a config names. */
function targetSettings(settings: Settings, to: HiveLike) {
  return hiveSettings(settings.config.source, (path) => settingsPath(settings, path), process.env, to);
}

async function publishRows(context: RunContext, to: HiveLike): Promise<readonly PublishedCounts[]> {
  const { settings, signal } = context;
  const { engine } = await context.snapshot();
  const hive = new HiveEngine(targetSettings(settings, to));
  try {
    const watch = { signal, step: (step: string, campaign?: string) => context.tell(campaign ? `${step} ${campaign}` : step) };
    const publication = hivePublicationOf(context, to);
    const counts = await publishToHive(hive, engine, publishedTable(context, engine), publication, watch);
    if (settings.config.offers) {
      const offers = publishedTable(context, engine, 'offers');
      const table = offersTableOf(settings.config.output[to]!);
      await publishToHive(hive, engine, offers, { ...publication, table, of: 'offers' }, watch);
    }
    return counts;
  } finally {
    await hive.close();
  }
}

/** Describes the publication of a run to a server: the rows, the table, and the identity of the publisher. */
export function hivePublicationOf({ settings, folder, referenceDate }: RunContext, to: HiveLike): HivePublication {
  const { output, campaigns } = settings.config;
  const { table, shared } = output[to]!;
  return {
    ...{ table, referenceDate, campaigns: Object.keys(campaigns), run: folder.identity.hash.slice(0, 8) },
    ...{ publisher: publisherOf(settingsPath(settings, output.dir)), shared: shared && settingsPath(settings, shared) },
  };
}

/**
 * Identifies an output folder on a host, by letters and digits. Only one run at a time publishes from it, because a run holds the
 * folder's lock.
 */
function publisherOf(output: string): string {
  return createHash('sha256').update(`${hostname()}\0${output}`).digest('hex').slice(0, 16);
}
