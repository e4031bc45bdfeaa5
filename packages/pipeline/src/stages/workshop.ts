import { chmod, rename } from 'node:fs/promises';
import { AppError, CsrBuilder, type KernelPool } from '@basketwise/core';
import { createNodePool } from '@basketwise/core/node';
import { openSnapshot, type Snapshot } from '@basketwise/data';
import {
  acquisitionCollector,
  type Bank,
  bandCutoffs,
  holdersByProduct,
  learnsAcquisitions,
  recentSince,
  type SchemeClusters,
  withSizes,
} from '../campaigns/bank.ts';
import { planCampaigns } from '../campaigns/plan.ts';
import { RecentPopularity } from '../campaigns/popularity.ts';
import type { Settings } from '../config/load.ts';
import { daysSinceEpoch, type PlainDate } from '../config/plain-date.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { engineOptions, isPushdown } from '../source/open-source.ts';

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
