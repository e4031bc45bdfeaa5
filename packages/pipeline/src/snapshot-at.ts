import { dirname, join } from 'node:path';
import { createNodePool } from '@basketwise/core/node';
import type { KernelPool, PlainDate } from '@basketwise/core/parts';
import { extractSnapshot, openSnapshot, type Snapshot } from '@basketwise/data';
import type { DatedContexts } from '@basketwise/recommend';
import { type Settings, settingsPath } from './config/load.ts';
import { featureDates } from './features/feature-plan.ts';
import { ownPasts } from './features/kept-features.ts';
import { snapshotContexts } from './features/snapshot-contexts.ts';
import { closeAll } from './run/close-all.ts';
import { findInputs } from './run/identity.ts';
import { takeOutput } from './run/output-folder.ts';
import { openSpill } from './run/spill.ts';
import { checkWritten } from './run/written-paths.ts';
import { engineOptions, threadCount } from './source/engine-options.ts';
import { requestTo } from './source/extract-request.ts';
import { openSource } from './stages/open-source.ts';

/** Bank as of a date, beside the runs. */
export interface SnapshotAt {
  pool: KernelPool;
  snapshot: Snapshot;
  /** Features of customers. Null: models rank only by holdings. */
  contexts: DatedContexts | null;
}

/**
 * Extracts the bank with products and holdings as of a date to a temporary folder, and calls a function with it.
 * No run starts in the output folder in the meantime.
 * @param tableDate date of the customers table
 * @throws AppError bad-data if an input file changes in the meantime, config for a file read without being named in the config
 */
export async function withSnapshotAt<T>(
  settings: Settings,
  at: PlainDate,
  {
    tableDate,
    signal,
    step,
  }: { tableDate: PlainDate; signal?: AbortSignal | undefined; step?: ((text: string) => void) | undefined },
  use: (source: SnapshotAt) => Promise<T>,
): Promise<T> {
  const { config } = settings;
  const output = settingsPath(settings, config.output.dir);
  await checkWritten(settings);
  const lock = await takeOutput(output);
  const threads = threadCount(config.workers);
  const opened: { close(): Promise<void> }[] = [{ close: () => lock.release() }];
  try {
    const spill = await openSpill(output);
    opened.push(spill);
    step?.(`extract as of ${at}`);
    const source = await openSource(settings, threads, spill.path);
    opened.push(source);
    const { engine, workbench } = source;
    const folder = join(spill.path, 'snapshot');
    const dates = featureDates(config, at);
    const kept = await ownPasts(output, dates, config);
    const inputs = await findInputs(settings, workbench);
    await extractSnapshot(engine, requestTo(source, config, at, { dates, tableDate, kept }), folder, {
      workbench,
      progress: (what) => step?.(`extract as of ${at}: ${what}`),
      check: async () => inputs?.check([spill.path, ...kept.map(({ file }) => dirname(file))]),
      ...(signal && { signal }),
    });
    const pool = await createNodePool(threads);
    opened.push(pool);
    const snapshot = await openSnapshot(folder, engineOptions(settings, threads, spill.path));
    opened.push(snapshot);
    return await use({ pool, snapshot, contexts: await snapshotContexts(snapshot, config, signal) });
  } finally {
    await closeAll(opened.reverse());
  }
}
