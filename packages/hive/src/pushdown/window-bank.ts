import { daysSinceEpoch, type EvaluationWindow, type Product, required } from '@basketwise/core';
import { readJson } from '@basketwise/data/base';
import { type JobBank, planCampaigns, type RunContext } from '@basketwise/pipeline';
import {
  type BankAt,
  type BankOfWindow,
  type CalibrationData,
  type CustomerContexts,
  type GroupHolders,
  holdersByProduct,
  type LookBack,
  type PastBanks,
  RecentPopularity,
  recentSince,
} from '@basketwise/recommend';
import { acquisitionsOf, clustersOf, readAcquired } from './acquired-cells.ts';
import { csrOf, entriesOfText, type PopularityCounts, popularityFile } from './baskets.ts';
import { clusterSizes, withUnitBank } from './campaign-bank.ts';
import { contextsOfTexts } from './features.ts';
import { type LearningFacts, learningFile } from './fetch-learning.ts';
import type { HiveRun } from './hive-run.ts';
import { learningOf, windowMonths, windowsFile } from './learning-dates.ts';

/** Group of customers of a window who have the same holdings, purchases, clusters and features. */
interface WindowCell {
  clusters: string;
  /** Codes of the feature levels, separated by commas. */
  context: string;
  absent: boolean;
  state: string;
  added: string;
  skipped: string;
  customers: number;
}

/**
 * Data of a job whose customers stay on the server. It has basket rows for campaigns, and groups of equal customers for windows.
 */
export function pushdownBank(hiveRun: HiveRun): JobBank {
  const { context } = hiveRun;
  return {
    now: (plan, use, withFeatures = false) => withUnitBank(context, plan, use, withFeatures),
    lookBack: async (asked) => cellBanks(context, asked),
    calibrationData: (_, __, window) => calibrationData(context, window),
    holders: () => holdersInHive(context),
  };
}

/** Data of the windows from which models learn, made of the fetched groups of customers. */
function cellBanks(context: RunContext, { size, seed }: LookBack): PastBanks {
  const { samples, windows } = learningOf(context.settings.config, context.referenceDate);
  const sample = samples.findIndex((one) => one.size === size && one.seed === seed);
  return {
    windows,
    at: async (place) => (await windowBank(context, windows[place]!, sample)).bank,
    contexts: async (place) => cellContexts(context, await readCells(context, `sample = ${sample} AND w = ${place}`)),
    // The past of customers is not needed.
    clusters: async () => null,
  };
}

/** Number of customers who hold each product group, as counted by the server. */
async function holdersInHive(context: RunContext): Promise<readonly GroupHolders[]> {
  const known = await (await context.snapshot()).products();
  const { products } = (await readJson<PopularityCounts>(context.folder.file(popularityFile)))!;
  return products.map(({ product, held }) => ({ group: known[product]!.groupKey, held }));
}

/** Feature levels of groups of customers. Null if models rank by no features. */
function cellContexts(context: RunContext, cells: readonly WindowCell[]): Promise<CustomerContexts | null> {
  const weight = Uint32Array.from(cells, ({ customers }) => customers);
  return contextsOfTexts(
    context,
    cells.map((cell) => cell.context),
    weight,
  );
}

/** Data for a calibration: the customers as of the newest window, and counts of purchases. */
async function calibrationData(context: RunContext, window: EvaluationWindow): Promise<CalibrationData> {
  const { samples, schemes } = learningOf(context.settings.config, context.referenceDate);
  const sample = samples.findIndex(({ calibrates }) => calibrates);
  const { bank, cells } = await windowBank(context, window, sample);
  const sizes = await clusterSizes(context);
  const clusters = new Map(
    [...clustersOf(cells, schemes)].map(([name, of]) => [name, { clusters: of, count: required(sizes, name).length }]),
  );
  const popularity = windowPopularity({ ...bank, clusters }, cells);
  const { purchases, openings } = (await readJson<LearningFacts>(context.folder.file(learningFile)))!;
  return {
    bank: { ...bank, clusters, popularity },
    openings,
    contexts: (await cellContexts(context, cells)) ?? undefined,
    purchases: (name) => purchases![name]!,
    asOf: new Set(),
  };
}

/** Popular products as of the window, counted from its groups of customers. */
function windowPopularity(bank: BankOfWindow, cells: readonly WindowCell[]): BankAt['popularity'] {
  const sizes = new Map(
    [...bank.clusters].map(([name, { clusters, count }]) => {
      const of = new Array<number>(count).fill(0);
      for (const [i, cluster] of clusters.entries()) if (cluster >= 0) of[cluster]! += cells[i]!.customers;
      return [name, { sizes: of }];
    }),
  );
  const present = cells.reduce((sum, { absent, customers }) => sum + (absent ? 0 : customers), 0);
  const popularity = new RecentPopularity(bank.products, recentSince(bank.window.at), present, sizes);
  for (const [i, { state, customers }] of cells.entries()) {
    for (const { column, isNew } of entriesOfText(state)) {
      popularity.addCounted(column, customers, isNew ? customers : 0);
      if (!isNew) continue;
      for (const [name, { clusters }] of bank.clusters)
        if (clusters[i]! >= 0) popularity.addCountedOf(name, clusters[i]!, column, customers);
    }
  }
  return popularity;
}

/** Data of a window, in which each group of customers is one customer with a weight. */
async function windowBank(
  context: RunContext,
  window: EvaluationWindow,
  sample: number,
): Promise<{ bank: BankOfWindow; cells: readonly WindowCell[] }> {
  const { config } = context.settings;
  const learning = learningOf(config, context.referenceDate);
  const w = learning.windows.findIndex(({ at }) => at === window.at);
  const schemes = w === 0 && learning.samples[sample]!.calibrates ? learning.schemes : [];
  const plans = planCampaigns(config);
  const products = await (await context.snapshot()).products();
  const cells = await readCells(context, `sample = ${sample} AND w = ${w}`);
  const states = cells.map(({ state }) => entriesOfText(state));
  const holds = new Map(plans.map((plan) => [plan.class, new Uint8Array(cells.length)]));
  const holdsOf = holdersByProduct(products, holds);
  for (const [i, entries] of states.entries())
    for (const { column } of entries) for (const flags of holdsOf[column]!) flags[i] = 1;
  const csr = await csrOf(context, window.at, states);
  const acquired = await readAcquired(context, `campaign IS NULL AND sample = ${sample} AND w = ${w}`);
  const bank: BankOfWindow = {
    ...{ window, customers: cells.length, products, csr, holds, clusters: new Map(), eligible: [] },
    absent: Uint8Array.from(cells, ({ absent }) => (absent ? 1 : 0)),
    weight: Uint32Array.from(cells, ({ customers }) => customers),
    acquisitions: acquisitionsOf(acquired, { date: window.at, months: windowMonths(learning, w), schemes }),
    known: await knownOn(context, daysSinceEpoch(window.at), products),
    added: taken(cells, 'added'),
    skipped: taken(cells, 'skipped'),
  };
  return { bank, cells };
}

/** One byte per product: 1 if a product of its group was opened on or before a day. */
async function knownOn(context: RunContext, day: number, products: readonly Product[]): Promise<Uint8Array> {
  const { firstOpened } = (await readJson<LearningFacts>(context.folder.file(learningFile)))!;
  const opened = firstOpened.filter(({ first }) => first <= day);
  const known = new Set(opened.map(({ product }) => products[product]!.groupKey));
  return Uint8Array.from(products, ({ groupKey }) => (known.has(groupKey) ? 1 : 0));
}

/** Products that each group purchased in the window (`added`), or in the gap before it (`skipped`), by group. */
function taken(cells: readonly WindowCell[], when: 'added' | 'skipped'): Map<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  for (const [i, cell] of cells.entries()) if (cell[when] !== '') found.set(i, cell[when].split(',').map(Number));
  return found;
}

/** Reads the groups of customers of a window, in canonical order. */
async function readCells(context: RunContext, where: string): Promise<WindowCell[]> {
  const { engine } = await context.snapshot();
  const file = `read_parquet(${engine.dialect.text(context.folder.file(windowsFile))})`;
  const sql = `SELECT state, clusters, context, absent, added, skipped, customers FROM ${file} WHERE ${where} ORDER BY ALL`;
  const cells: WindowCell[] = [];
  for await (const { rows, columns } of engine.query(sql, { signal: context.signal, place: windowsFile })) {
    const [state, clusters, levels, added, skipped] = ['state', 'clusters', 'context', 'added', 'skipped'].map(
      (name) => columns[name] as readonly string[],
    );
    const [absent, counts] = [columns.absent as BigInt64Array, columns.customers as BigInt64Array];
    for (let i = 0; i < rows; i++) {
      cells.push({
        ...{ clusters: clusters![i]!, context: levels![i]!, absent: absent[i] === 1n, customers: Number(counts[i]) },
        ...{ state: state![i]!, added: added![i]!, skipped: skipped![i]! },
      });
    }
  }
  return cells;
}
