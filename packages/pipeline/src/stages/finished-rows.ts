import { join } from 'node:path';
import { AppError, type PlainDate } from '@basketwise/core';
import type { z } from 'zod';
import { type Settings, settingsPath } from '../config/load.ts';
import { runFolders } from '../run/attempts.ts';
import { runManifestShape } from '../run/earlier-runs.ts';
import { RunFolder } from '../run/run-folder.ts';
import { readSealed } from '../run/seal.ts';
import { openSpill } from '../run/spill.ts';
import { closeAll, threadCount } from '../source/run-snapshot.ts';

import { RunContext } from './run-context.ts';
import { snapshotSite } from './snapshot-site.ts';

/**
 * Run whose files have the columns of the rows that another run, the publisher, has published. It is the publisher itself if its
 * folder exists. Otherwise it is a run with offers or, if there is none, any run.
 */
export async function runOfShape(output: string, publisher: string): Promise<string> {
  if ((await runManifestOf(output, publisher)) !== undefined) return publisher;
  let found: string | undefined;
  for (const run of await runFolders(output)) {
    const manifest = await runManifestOf(output, run);
    if (manifest?.config.offers !== undefined) return run;
    if (manifest !== undefined) found ??= run;
  }
  return found ?? publisher;
}

/** Whether a run has offers to publish. */
export async function hasOffers(output: string, run: string): Promise<boolean> {
  return (await runManifestOf(output, run))?.config.offers !== undefined;
}

async function runManifestOf(output: string, run: string): Promise<z.output<typeof runManifestShape> | undefined> {
  return run === '' ? undefined : runManifestShape.safeParse(await readSealed(join(output, 'runs', run, 'manifest.json'))).data;
}

/** Opens a successful run to publish its rows to the targets of the present config. @param work publishes the rows */
export async function withRun(
  settings: Settings,
  run: string,
  { date, ...options }: { date: PlainDate; withdraws: boolean; signal: AbortSignal },
  work: (opened: { context: RunContext; site: ReturnType<typeof snapshotSite> }) => Promise<unknown>,
): Promise<void> {
  const output = settingsPath(settings, settings.config.output.dir);
  const manifest = await runManifestOf(output, run);
  if (!manifest)
    throw new AppError(
      'missing-input',
      `manifest.json of run \`${run}\` is missing or damaged`,
      'The rows of the server need a run with the same columns.',
    );
  const { hash, inputs, config } = manifest;
  const { code, config: configHash, files } = inputs;
  const folder = RunFolder.finished(output, run, { referenceDate: date, hash, code, config: configHash, input: files });
  const spill = await openSpill(output);
  const threads = threadCount(settings.config.workers);
  const [own, made] = [settings.config.output, config];
  const { dir, keep, hive, spark, postgres } = own;
  const shape = { ...made.output, dir, keep, hive, spark, postgres };
  const ofRun = { ...settings, config: { ...settings.config, campaigns: made.campaigns, offers: made.offers, output: shape } };
  const context = new RunContext({ settings: ofRun, referenceDate: date, folder, threads, spill: spill.path, ...options });
  const site = snapshotSite(context);
  try {
    await work({ context, site });
  } finally {
    await closeAll([site, context]);
    await spill.close();
  }
}
