import { dirname, join } from 'node:path';
import { createNodePool, type KernelPool, type PlainDate } from '@basketwise/core';
import { extractSnapshot, openSnapshot, type Snapshot } from '@basketwise/data';
import {
  checkWritten,
  closeAll,
  engineOptions,
  featureDates,
  findInputs,
  openSource,
  openSpill,
  ownPasts,
  requestTo,
  type Settings,
  settingsPath,
  snapshotContexts,
  takeOutput,
  threadCount,
} from '@basketwise/pipeline';
import type { DatedContexts } from '@basketwise/recommend';

/** Data of the bank as of a date, extracted for an evaluation and not for a run. */
export interface SnapshotAt {
  pool: KernelPool;
  snapshot: Snapshot;
  /** Features of customers at several dates. Null: models rank only by holdings. */
  contexts: DatedContexts | null;
}

/** Options of an extraction as of a date. */
interface DatedExtract {
  /** Date of the state that the customers table has. */
  tableDate: PlainDate;
  signal?: AbortSignal | undefined;
  step?: ((text: string) => void) | undefined;
  /** Called with the hash of the input files; null if the tables are on a server. */
  inputs?: ((hash: string | null) => void) | undefined;
}

/**
 * Extracts the bank, with products and holdings as of a date, to a temporary folder, and calls a function with it. During the
 * call, no run can start in the output folder.
 * @throws AppError bad-data if an input file changes during the call, config if SQL reads a file that the config does not name
 */
export async function withSnapshotAt<T>(
  settings: Settings,
  at: PlainDate,
  { tableDate, signal, step, inputs: tell }: DatedExtract,
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
    tell?.(inputs?.hash ?? null);
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
