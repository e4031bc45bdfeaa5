import { join } from 'node:path';
import { settingsPath } from '../config/load.ts';
import { readJson, writeJson } from '../run/files.ts';
import type { RunContext } from './run-context.ts';

/** Kinds of destinations besides the run folder. */
export type Target = 'hive' | 'spark' | 'postgres';

/** Records that this run publishes to a destination, before it changes it. */
export async function notePublisher(context: RunContext, kind: Target, place: string): Promise<void> {
  const publishers = { ...(await publishersOf(context, kind)), [place]: context.folder.name };
  await writeJson(markerFile(context, kind), publishers);
}

/** The run that published to a destination last; null without one. */
export async function lastPublisher(context: RunContext, kind: Target, place: string): Promise<string | null> {
  return (await publishersOf(context, kind))[place] ?? null;
}

async function publishersOf(context: RunContext, kind: Target): Promise<Readonly<Record<string, string>>> {
  return (await readJson<Record<string, string>>(markerFile(context, kind))) ?? {};
}

function markerFile({ settings }: RunContext, kind: Target): string {
  return join(settingsPath(settings, settings.config.output.dir), `published-to-${kind}.json`);
}
