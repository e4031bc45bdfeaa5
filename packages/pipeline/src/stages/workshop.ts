import { chmod, rename } from 'node:fs/promises';
import { AppError, type Csr, CsrBuilder, type KernelPool } from '@basketwise/core';
import { createNodePool, usableCores } from '@basketwise/core/node';
import {
  type DuckdbEngine,
  type Engine,
  HiveEngine,
  openDuckdb,
  openSnapshot,
  type Product,
  type Snapshot,
} from '@basketwise/data';
import { AcquisitionCollector, type Acquisitions } from '../campaigns/acquisitions.ts';
import type { CustomerFacts } from '../campaigns/groups.ts';
import { type CampaignPlan, planCampaigns } from '../campaigns/plan.ts';
import { type PopularitySchemes, RecentPopularity } from '../campaigns/popularity.ts';
import { type Settings, settingsPath } from '../config/load.ts';
import { type CalendarSpan, daysSinceEpoch, minusSpan, type PlainDate, spanDays } from '../config/plain-date.ts';
import type { Config } from '../config/schema.ts';
import { specOfConfig } from '../config/spec-of-config.ts';
import { needsAcquisitions } from '../models/model-spec.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { hiveSettings } from '../source/hive-settings.ts';

/** Clusters of each customer, by scheme. */
export type SchemeClusters = ReadonlyMap<string, { clusters: Int16Array; count: number }>;

/** What all campaigns of a run share, made from the snapshot once. */
export interface Bank extends CustomerFacts {
  products: readonly Product[];
  csr: Csr;
  /** u32[customers]: how many customers each stands for, where they came grouped; absent: one. */
  weight?: Uint32Array;
  popularity: RecentPopularity;
  /** Of the year before the reference date; null where no campaign's model learns from them, or holdings have no dates. */
  acquisitions: Acquisitions | null;
  plans: readonly CampaignPlan[];
}

/** Lends the bank that a campaign works with for as long as `use` takes. */
export type WithBank = <T>(plan: CampaignPlan, use: (bank: Bank) => Promise<T>) => Promise<T>;

/** What a run works with. */
export interface WorkshopOptions {
  settings: Settings;
  referenceDate: PlainDate;
  folder: RunFolder;
  signal: AbortSignal;
  /** Of the kernels and of the engine. */
  threads: number;
  step?: ((text: string) => void) | undefined;
}

/** The tools and materials of one run: opened when first needed, closed together. A run that skips everything opens nothing. */
export class Workshop {
  readonly settings: Settings;
  readonly referenceDate: PlainDate;
  readonly folder: RunFolder;
  readonly signal: AbortSignal;
  readonly threads: number;
  /** Says what a stage is at. */
  readonly tell: (step: string) => void;
  /** What to tell of this run that is no matter of its results: the report has it, and manifest.json does not. */
  readonly warnings = new Set<string>();
  readonly warn = (warning: string): void => void this.warnings.add(warning);
  #pool: Promise<KernelPool> | undefined;
  #snapshot: Promise<Snapshot> | undefined;
  #bank: Promise<Bank> | undefined;

  constructor({ settings, referenceDate, folder, signal, threads, step = () => {} }: WorkshopOptions) {
    this.settings = settings;
    this.referenceDate = referenceDate;
    this.folder = folder;
    this.signal = signal;
    this.threads = threads;
    this.tell = step;
  }

  /** The kernels on their workers. */
  pool(): Promise<KernelPool> {
    this.#pool ??= createNodePool(this.threads);
    return this.#pool;
  }

  /** The extracted snapshot. */
  snapshot(): Promise<Snapshot> {
    const productsOnly = isPushdown(this.settings.config);
    this.#snapshot ??= openSnapshot(this.folder.file('snapshot'), {
      ...engineOptions(this.settings, this.threads),
      productsOnly,
    });
    return this.#snapshot;
  }

  /** The bank in memory: holdings as a sparse matrix and what is known of customers. */
  bank(clusters: () => Promise<SchemeClusters>): Promise<Bank> {
    this.#bank ??= clusters().then((schemes) => this.#loadBank(schemes));
    return this.#bank;
  }

  /** Writes the rows of a query to a file of the run folder: whole, in the query's order, for the owner alone. */
  async copyToParquet(query: string, file: string): Promise<void> {
    const { engine } = await this.snapshot();
    const path = this.folder.file(file);
    const unfinished = `${path}.unfinished`;
    const options = '(FORMAT parquet, ROW_GROUP_SIZE 122880, PRESERVE_ORDER true)';
    await engine.run(`COPY (${query}) TO ${engine.dialect.text(unfinished)} ${options}`, {
      signal: this.signal,
      writing: path,
    });
    await chmod(unfinished, 0o600);
    await rename(unfinished, path);
  }

  /** @throws the reason of the signal, when the run was told to stop */
  checkStop(): void {
    this.signal.throwIfAborted();
  }

  /** Closes whatever was opened. */
  async close(): Promise<void> {
    const opened = [this.#snapshot, this.#pool].filter((tool) => tool !== undefined);
    for (const tool of opened) await (await tool.catch(() => undefined))?.close();
  }

  async #loadBank(clusters: SchemeClusters): Promise<Bank> {
    const { config } = this.settings;
    const [pool, snapshot] = [await this.pool(), await this.snapshot()];
    const products = await snapshot.products();
    const customers = snapshot.customerCount;
    const plans = planCampaigns(config);
    const popularity = new RecentPopularity(products, recentSince(this.referenceDate), customers, withSizes(clusters));
    const builder = new CsrBuilder({
      pool,
      customers,
      products: products.length,
      referenceDay: daysSinceEpoch(this.referenceDate),
      cutoffs: bandCutoffs(config, this.referenceDate),
    });
    const collector = learnsAcquisitions(config, plans) ? acquisitionCollector(config, this.referenceDate) : null;
    const holds = new Map(plans.map((plan) => [plan.class, new Uint8Array(customers)]));
    const holdsOf = holdersByProduct(products, holds);
    for await (const batch of snapshot.holdings(this.referenceDate, { signal: this.signal, place: 'holdings' })) {
      builder.add(batch);
      popularity.add(batch);
      collector?.add(batch);
      for (let i = 0; i < batch.customer.length; i++)
        for (const flags of holdsOf[batch.product[i]!]!) flags[batch.customer[i]!] = 1;
    }
    const csr = await builder.finish();
    const eligible = await this.#eligibility(snapshot);
    const acquisitions = collector?.finish() ?? null;
    return { customers, clusters, eligible, holds, products, csr, popularity, acquisitions, plans };
  }

  async #eligibility(snapshot: Snapshot): Promise<Uint8Array[]> {
    const columns = this.settings.config.rules.map((_, i) => `rule_${i}`);
    const eligible = columns.map(() => new Uint8Array(snapshot.customerCount));
    if (columns.length === 0) return eligible;
    let at = 0;
    for await (const batch of snapshot.customers(columns, { signal: this.signal, place: 'rules' })) {
      for (const [rule, column] of columns.entries()) {
        const values = batch.columns[column] as Int32Array;
        const nulls = batch.nulls[column];
        for (let i = 0; i < batch.rows; i++) eligible[rule]![at + i] = values[i] === 1 && !nulls?.[i] ? 1 : 0;
      }
      at += batch.rows;
    }
    if (at !== snapshot.customerCount) throw new AppError('bug', `rules of ${at} customers read, not of all`, 'Report this.');
    return eligible;
  }
}

/** Whether a campaign's model may learn from dated acquisitions, and there are any. */
function learnsAcquisitions({ tables }: Config, plans: readonly CampaignPlan[]): boolean {
  if (tables.holdings.date === null) return false;
  return plans.some(({ model }) => model.kind === 'automatic' || needsAcquisitions(specOfConfig(model)));
}

/** Collects the acquisitions of the year before a date. */
export function acquisitionCollector({ recency }: Config, date: PlainDate): AcquisitionCollector {
  const limits = recency.bands.flatMap(({ within }) => (within ? [spanDays(within)] : []));
  return new AcquisitionCollector(daysBefore(date, { months: 12, days: 0 }), limits);
}

function daysBefore(referenceDate: PlainDate, span: CalendarSpan): number {
  return daysSinceEpoch(minusSpan(referenceDate, span));
}

/** Whether customers and holdings stay in Hive. */
export function isPushdown({ source }: Config): boolean {
  return source.engine === 'hive' && source.hive?.pushdown === true;
}

/** How long before the reference date a product was taken recently. */
export const recentSpan: CalendarSpan = { months: 12, days: 0 };

/** First day of what counts as taken recently, as days since 1970-01-01. */
export function recentSince(referenceDate: PlainDate): number {
  return daysBefore(referenceDate, recentSpan);
}

function withSizes(schemes: SchemeClusters): PopularitySchemes {
  return new Map(
    [...schemes].map(([name, { clusters, count }]) => {
      const sizes = new Array<number>(count).fill(0);
      for (const cluster of clusters) if (cluster >= 0) sizes[cluster]!++;
      return [name, { sizes, clusters }];
    }),
  );
}

/** First day of each recency band but the oldest, falling: days since 1970-01-01. */
export function bandCutoffs({ recency }: Config, referenceDate: PlainDate): number[] {
  return recency.bands.flatMap(({ within }) => (within ? [daysBefore(referenceDate, within)] : []));
}

/** By product: the flags to set for those who hold it, through any product of its equivalence group. */
export function holdersByProduct(products: readonly Product[], holds: ReadonlyMap<string, Uint8Array>): Uint8Array[][] {
  const classesOf = new Map<string, Set<string>>();
  for (const product of products) {
    const classes = classesOf.get(product.groupKey) ?? new Set();
    classesOf.set(product.groupKey, classes.add(product.class));
  }
  return products.map(({ groupKey }) => [...classesOf.get(groupKey)!].flatMap((name) => holds.get(name) ?? []));
}

/** Threads that a config asks for; `auto`: as many as the process can keep busy, its control group's quota included. */
export function threadCount(workers: number | 'auto'): number {
  return workers === 'auto' ? usableCores() : workers;
}

/** How the job opens its DuckDB. */
export function engineOptions(settings: Settings, threads: number) {
  const { source, output } = settings.config;
  return {
    memory: `${Math.max(64, Math.floor(source.memory / 2 ** 20))}MiB`,
    threads,
    tempDirectory: settingsPath(settings, `${output.dir}/tmp`),
  };
}

/** Where a job reads the bank's tables. */
export interface Source {
  engine: Engine;
  /** Where rows are joined and written. */
  workbench: DuckdbEngine;
  close(): Promise<void>;
}

/** Opens the engine that reads the source; it spills to `tempDirectory`. Hive is not called before the first statement. */
export async function openSource(settings: Settings, threads: number, tempDirectory?: string): Promise<Source> {
  const { source } = settings.config;
  const options = { ...engineOptions(settings, threads), ...(tempDirectory === undefined ? {} : { tempDirectory }) };
  if (source.engine === 'hive') {
    const engine = new HiveEngine(hiveSettings(settings));
    const workbench = await openDuckdb(options);
    return { engine, workbench, close: async () => void (await Promise.all([engine.close(), workbench.close()])) };
  }
  const engine = await openDuckdb({ ...options, path: settingsPath(settings, source.path), encoding: source.encoding });
  return { engine, workbench: engine, close: () => engine.close() };
}
