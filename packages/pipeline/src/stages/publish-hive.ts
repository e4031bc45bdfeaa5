import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { HiveEngine, type HivePublication, type PublishedCampaign, publishToHive } from '@basketwise/data';
import { settingsPath } from '../config/load.ts';
import { hiveSettings } from '../drivers/hive-settings.ts';
import { readJson, writeJson } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';

/** Puts the run's recommendations into the Hive table of the config, in place of those of the same reference date. */
export async function publishHive(context: RunContext): Promise<StageResult<readonly PublishedCampaign[]>> {
  const { settings, folder, signal } = context;
  const { engine } = await context.snapshot();
  const hive = new HiveEngine(hiveSettings(settings.config.source, (path) => settingsPath(settings, path)));
  try {
    const from = `read_parquet(${engine.dialect.text(folder.file('recommendations.parquet'))})`;
    const watch = { signal, step: (step: string, campaign?: string) => context.tell(campaign ? `${step} ${campaign}` : step) };
    await notePublisher(context);
    return { files: [], summary: await publishToHive(hive, engine, from, publicationOf(context), watch) };
  } finally {
    await hive.close();
  }
}

/** A run's publication to Hive: what, where, and in whose name. */
export function publicationOf({ settings, folder, referenceDate }: RunContext): HivePublication {
  const { output, campaigns } = settings.config;
  const { table, shared } = output.hive!;
  return {
    ...{ table, referenceDate, campaigns: Object.keys(campaigns), run: folder.identity.hash.slice(0, 8) },
    ...{ publisher: publisherOf(settingsPath(settings, output.dir)), shared: shared && settingsPath(settings, shared) },
  };
}

/** An output folder of a host: its lock lets one run publish at a time. */
function publisherOf(output: string): string {
  return createHash('sha256').update(`${hostname()}\0${output}`).digest('hex').slice(0, 16);
}

/**
 * Everything that a publication depends on beside what is published: the table, its server, the session's settings; and that no other run has
 * published the same date there since.
 */
export async function publishHiveKey(context: RunContext): Promise<string> {
  const { hive } = context.settings.config.source;
  const last = (await lastPublishers(context))[targetOf(context)];
  return JSON.stringify({ target: targetOf(context), session: hive?.session ?? {}, last: last ?? null });
}

/** Says that this run publishes, before it changes anything there. */
export async function notePublisher(context: RunContext): Promise<void> {
  const publishers = { ...(await lastPublishers(context)), [targetOf(context)]: context.folder.name };
  await writeJson(publishersFile(context), publishers);
}

/** The partitions of a date in a table of a server. */
function targetOf({ settings, referenceDate }: RunContext): string {
  const { source, output } = settings.config;
  const { host, port, database } = source.hive!;
  return `${host}:${port} ${database} ${output.hive!.table} ${referenceDate}`;
}

/** Which run published last, by target. */
async function lastPublishers(context: RunContext): Promise<Readonly<Record<string, string>>> {
  return (await readJson<Record<string, string>>(publishersFile(context))) ?? {};
}

function publishersFile({ settings }: RunContext): string {
  return join(settingsPath(settings, settings.config.output.dir), 'published-to-hive.json');
}
