import { type BasketEntry, type PlainDate, packEntry } from '@basketwise/core';
import type { RunContext } from '@basketwise/pipeline';
import { type Acquisitions, type CampaignPlan, learnsFromDates } from '@basketwise/recommend';
import { entriesOfText } from './baskets.ts';
import { acquiredFile, campaignMonths } from './learning-dates.ts';

/** Group of equal purchases: product, holdings before the purchase, and the number of purchases. */
interface AcquiredCell {
  /** Cluster number by scheme, separated by commas. */
  clusters: string;
  months: number;
  product: number;
  held: string;
  /** Day of the earliest purchase of the group, in days since 1970-01-01. */
  day: number;
  customers: number;
}

/**
 * Purchases of the year before the reference date, for a campaign whose model can learn from purchases. Null for all other
 * campaigns.
 */
export async function campaignAcquired(context: RunContext, plan: CampaignPlan): Promise<Acquisitions | null> {
  if (!learnsFromDates(plan)) return null;
  const { text } = (await context.snapshot()).engine.dialect;
  const cells = await readAcquired(context, `campaign = ${text(plan.name)}`);
  const schemes = plan.scheme === null ? [] : [plan.scheme];
  return acquisitionsOf(cells, { date: context.referenceDate, months: campaignMonths(plan), schemes });
}

/** Reads the groups of purchases that meet an SQL condition from the fetched file, in canonical order. */
export async function readAcquired(context: RunContext, where: string): Promise<AcquiredCell[]> {
  const { engine } = await context.snapshot();
  const file = `read_parquet(${engine.dialect.text(context.folder.file(acquiredFile))})`;
  const sql = `SELECT clusters, months, product, held, day, customers FROM ${file} WHERE ${where} ORDER BY ALL`;
  const cells: AcquiredCell[] = [];
  for await (const { rows, columns } of engine.query(sql, { signal: context.signal, place: acquiredFile })) {
    const [months, product, day, customers] = ['months', 'product', 'day', 'customers'].map(
      (name) => columns[name] as BigInt64Array,
    );
    const [clusters, held] = [columns.clusters as readonly string[], columns.held as readonly string[]];
    for (let i = 0; i < rows; i++) {
      cells.push({
        ...{ clusters: clusters[i]!, months: Number(months![i]), product: Number(product![i]) },
        ...{ held: held[i]!, day: Number(day![i]), customers: Number(customers![i]) },
      });
    }
  }
  return cells;
}

/**
 * How to read groups of purchases before a date: the date, the numbers of months by which they are grouped, and the schemes in
 * the order of the cluster numbers.
 */
interface CellMarks {
  date: PlainDate;
  months: readonly number[];
  schemes: readonly string[];
}

/** Converts groups of purchases before a date to `Acquisitions`. Each group becomes one purchase with a weight. */
export function acquisitionsOf(cells: readonly AcquiredCell[], { date, months, schemes }: CellMarks): Acquisitions {
  const count = cells.length;
  const start = new Uint32Array(count + 1);
  const before: number[] = [];
  for (const [at, { held }] of cells.entries()) {
    for (const entry of entriesOfText(held) as BasketEntry[]) before.push(packEntry(entry));
    start[at + 1] = before.length;
  }
  return {
    ...{ date, count, months, start, before: Uint32Array.from(before) },
    customer: new Int32Array(count).fill(-1),
    product: Int32Array.from(cells, ({ product }) => product),
    day: Int32Array.from(cells, ({ day }) => day),
    weight: Uint32Array.from(cells, ({ customers }) => customers),
    clusters: clustersOf(cells, schemes),
  };
}

/** For each scheme, the cluster of each cell, i16[cells]. The text `clusters` of a cell lists its cluster numbers in the order of `schemes`. */
export function clustersOf(cells: readonly { clusters: string }[], schemes: readonly string[]): Map<string, Int16Array> {
  const texts = cells.map(({ clusters }) => clusters.split(','));
  return new Map(schemes.map((scheme, i) => [scheme, Int16Array.from(texts, (numbers) => Number(numbers[i]))]));
}
