import { join } from 'node:path';
import { AppError, createNodePool, type KernelPool, type PlainDate } from '@basketwise/core';
import { type Engine, openSnapshot, queryRows, type Snapshot } from '@basketwise/data';
import { nameFinished } from '@basketwise/data/base';
import type { AdviceTools } from '@basketwise/recommend';
import { type Settings, settingsPath } from '../config/load.ts';
import { isPushdown } from '../drivers/drivers.ts';
import { isPublished } from '../run/attempts.ts';
import { latestRun } from '../run/published-runs.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { readSealed } from '../run/seal.ts';
import { closeAll, engineOptions } from '../source/run-snapshot.ts';
import { type GuardedRun, guardedRun } from './guards.ts';

/** Settings, folder and limits of a run. */
export interface RunContextOptions {
  settings: Settings;
  referenceDate: PlainDate;
  folder: RunFolder;
  signal: AbortSignal;
  /** Threads of the kernels and of the engine. */
  threads: number;
  /** Folder for spill files. */
  spill: string;
  step?: ((text: string) => void) | undefined;
  /** Whether to publish no rows, so that a publication only removes the rows of the reference date. */
  withdraws?: boolean;
}

/** Resources of one run. They are opened on first use and closed together. A run that skips all stages opens none. */
export class RunContext {
  readonly settings: Settings;
  readonly referenceDate: PlainDate;
  readonly folder: RunFolder;
  readonly signal: AbortSignal;
  readonly threads: number;
  /** Whether publications only remove the rows of the reference date. */
  readonly withdraws: boolean;
  /** Reports the progress of a stage. */
  readonly tell: (step: string) => void;
  /** Warnings about this execution, not about its results. The report has them; manifest.json does not. */
  readonly warnings = new Set<string>();
  readonly warn = (warning: string): void => void this.warnings.add(warning);
  readonly #spill: string;
  #pool: Promise<KernelPool> | undefined;
  #snapshot: Promise<Snapshot> | undefined;
  #checkedIds: Promise<void> | undefined;

  constructor({
    settings,
    referenceDate,
    folder,
    signal,
    threads,
    spill,
    step = () => {},
    withdraws = false,
  }: RunContextOptions) {
    this.#spill = spill;
    this.settings = settings;
    this.referenceDate = referenceDate;
    this.folder = folder;
    this.signal = signal;
    this.threads = threads;
    this.tell = step;
    this.withdraws = withdraws;
  }

  /** Pool of worker threads that run the wasm kernels. */
  pool(): Promise<KernelPool> {
    this.#pool ??= createNodePool(this.threads);
    return this.#pool;
  }

  /** Snapshot in the run folder. */
  snapshot(): Promise<Snapshot> {
    const productsOnly = isPushdown(this.settings.config);
    this.#snapshot ??= openSnapshot(this.folder.file('snapshot'), {
      ...engineOptions(this.settings, this.threads, this.#spill),
      productsOnly,
    });
    return this.#snapshot;
  }

  /** Resources that the functions of the recommender take. */
  async tools(): Promise<AdviceTools> {
    const pool = await this.pool();
    return { pool, settings: this.settings.config, signal: this.signal, step: this.tell, namesInReasons: true };
  }

  /**
   * SQL expression for a customer's id in Parquet files: an integer if the config wants integers, otherwise a text.
   * @throws AppError as `checkIds`
   */
  async publishedId(column: string): Promise<string> {
    await this.checkIds();
    return this.#hasIntegerIds ? `CAST(${column} AS BIGINT)` : column;
  }

  /**
   * Checks that all ids are integers in canonical form, so that no leading zero is lost. Does nothing if the config wants texts.
   * @throws AppError bad-data if an id is not
   */
  async checkIds(): Promise<void> {
    if (!this.#hasIntegerIds) return;
    this.#checkedIds ??= this.snapshot().then(({ engine }) => checkIntegerIds(engine, this.signal));
    await this.#checkedIds;
  }

  get #hasIntegerIds(): boolean {
    return this.settings.config.output.parquet?.integer_ids === true;
  }

  /**
   * Writes the rows of a query to a Parquet file of the run folder, in the query's order. The file appears only when it is
   * complete, and only its owner can read it.
   */
  async copyToParquet(query: string, file: string): Promise<void> {
    const { engine } = await this.snapshot();
    const path = this.folder.file(file);
    const unfinished = `${path}.unfinished`;
    await engine.copyToParquet(query, unfinished, { signal: this.signal, writing: path }, 'PRESERVE_ORDER true');
    await nameFinished(unfinished, path);
  }

  /** Checks for an abort. @throws the reason of the signal, if the run was aborted */
  checkStop(): void {
    this.signal.throwIfAborted();
  }

  /** Closes all opened resources. */
  async close(): Promise<void> {
    const opened = [this.#snapshot, this.#pool].map((tool) => tool?.catch(() => undefined));
    await closeAll(await Promise.all(opened));
  }
}

/**
 * Checks that each customer id of the snapshot is a 64-bit integer in canonical form.
 * @throws AppError bad-data with the number of ids that are not, and the position of the first
 */
async function checkIntegerIds(engine: Engine, signal: AbortSignal): Promise<void> {
  const isOther = 'CAST(TRY_CAST(id AS BIGINT) AS VARCHAR) IS DISTINCT FROM id';
  const sql = `SELECT count(*) AS others, min(customer) + 1 AS first FROM customers WHERE ${isOther}`;
  const [row] = await queryRows(engine, sql, { signal, place: 'output.parquet.integer_ids' });
  const others = Number(row?.others);
  if (others === 0) return;
  throw new AppError(
    'bad-data',
    `output.parquet.integer_ids: ${others} ids of tables.customers.id are no integers, or would lose leading zeros; in the order of ids the first is customer ${row?.first}`,
    'Leave the key out: ids are texts then. Or write such ids as integers by `tables.customers.sql`.',
  );
}

/** Folder of the earlier run with which this run is compared. Undefined without one, or if its folder was removed or is damaged. */
export async function previousRun({ folder, settings }: RunContext): Promise<string | undefined> {
  if (folder.previous === null) return undefined;
  const previous = join(settingsPath(settings, settings.config.output.dir), 'runs', folder.previous);
  return (await isPublished(previous)) ? previous : undefined;
}

/**
 * Figures of the run that `latest` points at, for guards. Undefined if that is this run. An earlier attempt at this run has its
 * own folder and counts as another run. If the manifest cannot be read, guards cannot compare, and the run gets a warning.
 */
export async function runBefore({ folder, settings, warn }: RunContext): Promise<GuardedRun | undefined> {
  const output = settingsPath(settings, settings.config.output.dir);
  const latest = await latestRun(output);
  if (latest === undefined || latest === folder.name) return undefined;
  const before = guardedRun.safeParse(await readSealed(join(output, 'runs', latest, 'manifest.json')));
  if (before.success) return before.data;
  const what = `manifest.json of the last successful run, ${latest}, is missing, damaged or of another version`;
  warn(`${what}: guards compared this run with nothing`);
  return undefined;
}
