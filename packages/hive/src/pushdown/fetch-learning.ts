import { localRows, queryRows } from '@basketwise/data';
import { writeJson } from '@basketwise/data/base';
import { type ClassPurchases, heldBefore, type MonthOpenings, PartCustomers, usualSample } from '@basketwise/recommend';
import { basketColumns, productClasses } from '../server/condense.ts';
import { customerCounts, firstPurchases, purchaseCounts } from '../server/purchase-counts.ts';
import { acquiredCells, clustersText, firstOpened, makeAcquired, openingsByMonth, windowCells } from '../server/window-cells.ts';
import { contextColumn } from './features.ts';
import type { HiveRun } from './hive-run.ts';
import {
  acquiredFile,
  countedPurchases,
  type Learning,
  learningDates,
  learningOf,
  placeOfCampaign,
  type WindowSample,
  windowDates,
  windowsFile,
} from './learning-dates.ts';

/** Training data apart from the groups of purchases and of customers. */
export interface LearningFacts {
  /** For each product group, the first day on which a customer opened it, in days since 1970-01-01. */
  firstOpened: readonly { product: number; first: number }[];
  /**
   * Purchases of each class: `past` before the newest window, `now` before the reference date. `now` has the numbers of customers,
   * too. Null if no probabilities are learned.
   */
  purchases: Readonly<Record<string, { past: ClassPurchases['counts']; now: ClassPurchases }>> | null;
  /** Openings up to the reference date, by month. Empty if no probabilities are learned. */
  openings: readonly MonthOpenings[];
}

export const learningFile = 'learning.json';

/**
 * Groups the training data of models and probabilities on the server, by date, and fetches the groups. Returns the names of the
 * written files; none if nothing is trained.
 */
export async function fetchLearning(hiveRun: HiveRun): Promise<string[]> {
  const { context, hive, tables } = hiveRun;
  const learning = learningOf(context.settings.config, context.referenceDate);
  const { campaigns, samples } = learning;
  if (campaigns.length + samples.length === 0) return [];
  const options = hiveRun.at('pushdown');
  const products = await (await context.snapshot()).products();
  context.tell('acquisitions');
  const dates = learningDates(context.settings.config, context.referenceDate, learning);
  const hasJoined = context.settings.config.tables.customers.since !== undefined;
  await makeAcquired({ hive, tables, options }, dates, { classes: basketColumns(products).length, hasJoined });
  await hiveRun.counted('cells of acquisitions', () => fetchAcquired(hiveRun, learning));
  if (samples.length === 0) return [acquiredFile];
  await hiveRun.counted('cells of windows', () => fetchWindows(hiveRun, learning));
  const isCalibrated = samples.some((sample) => sample.calibrates);
  const purchases = isCalibrated
    ? await hiveRun.counted('counts of purchases', () => fetchPurchases(hiveRun, learning, hasJoined))
    : null;
  const drawn = await drawnBy(hiveRun, { size: usualSample.sample, seed: usualSample.seed });
  const upcoming = products.flatMap((one) => (one.upcoming ? [one.product] : []));
  const included = upcoming.length === 0 ? drawn : `${drawn} AND product NOT IN (${upcoming.join(', ')})`;
  const byMonth = () => openingsByMonth({ hive, tables, options }, context.referenceDate, hasJoined, included);
  const openings = isCalibrated ? await hiveRun.counted('openings by month', byMonth) : [];
  const opened = await hiveRun.counted('counts to learn by', () => firstOpened({ hive, tables, options }, hasJoined));
  await writeJson(context.folder.file(learningFile), { firstOpened: opened, purchases, openings } satisfies LearningFacts);
  return [acquiredFile, windowsFile, learningFile];
}

async function fetchAcquired(hiveRun: HiveRun, learning: Learning): Promise<void> {
  const { context, hive, tables } = hiveRun;
  const { engine, products } = await context.snapshot();
  const classes = productClasses(await products());
  const found = engine.temporaryTable();
  await engine.run(
    `CREATE TABLE ${found} (campaign VARCHAR, sample BIGINT, w BIGINT, clusters VARCHAR, months BIGINT, product BIGINT, held VARCHAR, day BIGINT, customers BIGINT)`,
  );
  const bring = async (campaign: string | null, sample: number, select: string) => {
    context.checkStop();
    const columns = ['w', 'clusters', 'months', 'product', 'held', 'day', 'customers'];
    const rows = await localRows(hive, engine, select, columns, hiveRun.at('pushdown'));
    const of = campaign === null ? 'NULL' : engine.dialect.text(campaign);
    await engine.run(`INSERT INTO ${found} SELECT ${of}, ${sample}, ${columns.join(', ')} FROM ${rows}`);
    await engine.run(`DROP TABLE ${rows}`);
  };
  for (const plan of learning.campaigns) {
    const own = plan.columns.map((name) => classes.indexOf(name)).filter((number) => number >= 0);
    if (own.length === 0) continue;
    const where = `w = ${placeOfCampaign(plan, learning)} AND class IN (${own.join(', ')})`;
    const clusters = plan.scheme === null ? null : clustersText(clusterColumns(hiveRun, [plan.scheme]), 'f.');
    await bring(plan.name, -1, acquiredCells({ tables }, where, own, clusters));
  }
  for (const [i, sample] of learning.samples.entries()) {
    const where = `w < ${sample.windows} AND ${await drawnBy(hiveRun, sample)}`;
    const columns = sample.calibrates ? clusterColumns(hiveRun, learning.schemes) : [];
    const clusters = columns.length === 0 ? null : `CASE WHEN a.w = 0 THEN ${clustersText(columns, 'f.')} ELSE '' END`;
    await bring(null, i, acquiredCells({ tables }, where, [...classes.keys()], clusters));
  }
  await context.copyToParquet(`FROM ${found}`, acquiredFile);
  await engine.run(`DROP TABLE ${found}`);
}

/** Names of the columns that have the clusters of these schemes, in the table of facts. */
function clusterColumns({ context }: HiveRun, schemes: readonly string[]): string[] {
  const all = Object.keys(context.settings.config.clusters);
  return schemes.map((scheme) => `cluster_${all.indexOf(scheme)}`);
}

async function fetchWindows(hiveRun: HiveRun, learning: Learning): Promise<void> {
  const { context, hive, tables } = hiveRun;
  const { engine } = await context.snapshot();
  const { config } = context.settings;
  const since = config.tables.customers.since !== undefined;
  const found = engine.temporaryTable();
  await engine.run(
    `CREATE TABLE ${found} (sample BIGINT, w BIGINT, clusters VARCHAR, context VARCHAR, absent BIGINT, state VARCHAR, added VARCHAR, skipped VARCHAR, customers BIGINT)`,
  );
  for (const [i, sample] of learning.samples.entries()) {
    context.checkStop();
    const clusters = sample.calibrates ? clusterColumns(hiveRun, learning.schemes) : [];
    const dates = windowDates(config, learning, sample);
    const known = await Promise.all(dates.map((_, w) => contextColumn(context, w + 1)));
    const contexts = known.flatMap((name) => name ?? []);
    const select = windowCells({ hive, tables }, dates, await drawnBy(hiveRun, sample), { clusters, since, contexts });
    const columns = ['w', 'clusters', 'context', 'absent', 'state', 'added', 'skipped', 'customers'];
    const rows = await localRows(hive, engine, select, columns, hiveRun.at('pushdown'));
    await engine.run(`INSERT INTO ${found} SELECT ${i}, ${columns.join(', ')} FROM ${rows}`);
    await engine.run(`DROP TABLE ${rows}`);
  }
  await context.copyToParquet(`FROM ${found}`, windowsFile);
  await engine.run(`DROP TABLE ${found}`);
}

/** Counts the purchases of each class before the newest window and before the reference date, and the customers of each part of the year. */
async function fetchPurchases(hiveRun: HiveRun, learning: Learning, hasJoined: boolean): Promise<LearningFacts['purchases']> {
  const { context } = hiveRun;
  const options = hiveRun.at('calibrate');
  const classes = productClasses(await (await context.snapshot()).products());
  const drawn = await drawnBy(hiveRun, { size: usualSample.sample, seed: usualSample.seed });
  const { past, now, window } = countedPurchases(learning, context.referenceDate);
  const counted = { dates: [past, now], window, classes: classes.length, drawn, hasJoined };
  const query = (sql: string) => queryRows(hiveRun.hive, sql, options);
  const purchases = await query(purchaseCounts(hiveRun, counted));
  const firsts = await query(firstPurchases(hiveRun, { ...counted, dates: [now] }));
  const people = await query(customerCounts(hiveRun, now.day, counted));
  const countsOf = (w: number, of: number) =>
    purchases
      .filter((row) => Number(row.w) === w && Number(row.class) === of)
      .map((row) => ({
        product: Number(row.product),
        part: Number(row.part),
        held: heldBefore[Number(row.held)]!,
        purchases: Number(row.purchases),
      }));
  const joinedIn = ({ joined }: (typeof people)[number]) => (joined === null ? Number.POSITIVE_INFINITY : Number(joined));
  return Object.fromEntries(
    classes.map((name, i) => {
      const parts = new PartCustomers(window.days);
      for (const row of people) parts.add(joinedIn(row), Number(row.customers), Number(row[`h${i}`]));
      for (const row of firsts)
        if (Number(row.class) === i) parts.addFirst(Number(row.part), joinedIn(row), Number(row.customers));
      const { customers, holders } = parts;
      return [name, { past: countsOf(past.w, i), now: { counts: countsOf(now.w, i), customers, holders } }];
    }),
  );
}

/**
 * Predicate over `customer` that selects a sample, by a hash of the customer id. It selects all customers if there are no more
 * than the sample's size.
 */
async function drawnBy({ context }: HiveRun, { size, seed }: Pick<WindowSample, 'size' | 'seed'>): Promise<string> {
  const customers = (await context.snapshot()).manifest.customers.kept;
  if (customers <= size) return 'TRUE';
  const limit = Math.floor((size / customers) * 2 ** 32).toString(16);
  return `substr(md5(concat('${seed} learn ', customer)), 1, 8) < '${limit.padStart(8, '0')}'`;
}
