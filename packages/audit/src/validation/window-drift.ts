import { evaluationWindows, type PlainDate } from '@basketwise/core';
import { queryRows, type Snapshot } from '@basketwise/data';
import type { FinishedRun, ScoredWindow } from '@basketwise/insight';
import { readFeatureFile } from '@basketwise/pipeline';
import { type CodedFeature, isColumn } from '@basketwise/recommend';
import type { ListPairs } from './list-agreement.ts';
import {
  agreementOf,
  binnedCounts,
  customerShift,
  heldCounts,
  levelCounts,
  listShift,
  probabilityCounts,
  publishedLists,
  tenths,
} from './run-drift.ts';
import type { ValidationFile } from './validation-file.ts';

type Since = NonNullable<ValidationFile['since']>;
type Variable = Since['variables'][number];

/** Variable of the products that customers purchased. Its shift is a change of demand, which bounds do not judge. */
export const purchasedName = 'products purchased';

/** Greatest number of customers whose two lists are compared. */
const mostCompared = 100_000;

/** Shift of properties of customers, and of purchased products, from the newest window's training date to the reference date of the run. */
export async function customersSince({ window: { at }, snapshot }: ScoredWindow, now: FinishedRun): Promise<Variable[]> {
  const then = { snapshot, referenceDate: at };
  const known = (one: Snapshot) => new Set(one.manifest.features?.columns.map(({ name }) => name));
  const [before, after] = [known(snapshot), known(now.snapshot)];
  const features: readonly CodedFeature[] = after.size === 0 ? [] : (await readFeatureFile(now.folder)).features;
  const shared = features.filter((one) => isColumn(one) && before.has(one.name) && after.has(one.name));
  const [own, other] = [await levelCounts(then, shared), await levelCounts(now, shared)];
  const shifts = [...own].map(([by, counts]) => customerShift(by, counts, other.get(by) ?? counts.map(() => 0)));
  shifts.push(customerShift('products held', await heldCounts(then), await heldCounts(now)));
  const bought = await purchaseCounts(now, [at, now.referenceDate]);
  shifts.push(customerShift(purchasedName, bought[0]!, bought[1]!));
  return shifts.filter((one) => one !== null);
}

/** Purchases by product in the window up to each of two dates. Bins: the most purchased products of the first, and all others. */
async function purchaseCounts({ snapshot: { engine }, config }: FinishedRun, dates: readonly PlainDate[]): Promise<number[][]> {
  const found: Map<string, number>[] = [];
  for (const date of dates) {
    const [window] = evaluationWindows(date, config.evaluate.window, null, 1);
    const [from, to] = [engine.dialect.date(window!.from), engine.dialect.date(date)];
    const sql = `SELECT p.group_key AS code, count(*) AS n FROM holdings h JOIN products p USING (product)
      WHERE h.opened > ${from} AND h.opened <= ${to} AND (h.closed < h.opened) IS NOT TRUE GROUP BY 1 ORDER BY 2 DESC, 1`;
    const rows = await queryRows(engine, sql);
    found.push(new Map(rows.map(({ code, n }) => [String(code), Number(n)])));
  }
  return binnedCounts(found[0]!, found[1]!);
}

/**
 * Shift of a campaign's lists from the newest window's training date to the run, and their agreement for customers with a list at both dates.
 * Empty if the window's lists have no probabilities.
 */
export async function listsSince(
  scored: ScoredWindow,
  now: FinishedRun,
  common: CommonCustomers,
): Promise<Pick<Since, 'variables' | 'lists'>> {
  const { results, plan } = scored;
  const probability = results?.units.probability;
  if (!results || !probability) return { variables: [], lists: [] };
  const lists = publishedLists(now.snapshot.engine, now, plan.name);
  const first = firstEntries(scored);
  const cuts = weightedQuantiles(first.map(({ probability, customers }) => [probability, customers]));
  const own = tenths.map(() => 0).concat(0);
  for (const { probability: value, customers } of first) own[cuts.filter((cut) => value > cut).length]! += customers;
  const shifts = [
    cuts.length === 0
      ? null
      : listShift(
          'probability of first recommendations',
          plan.name,
          own,
          await probabilityCounts(now.snapshot.engine, lists.first, cuts),
        ),
    listShift(
      'first recommendations',
      plan.name,
      ...(binnedCounts(firstCounts(first), await lists.firstCounts()) as [number[], number[]]),
    ),
  ];
  const agreement = agreementOf(plan.name, await samePairs(scored, now, lists.all, common));
  return { variables: shifts.filter((one) => one !== null), lists: agreement === null ? [] : [agreement] };
}

/** First entry of the list of each basket row that has one, with its number of customers. */
function firstEntries({ results, bank }: ScoredWindow): { code: string; probability: number; customers: number }[] {
  const { unit, units } = results!;
  const customers = new Uint32Array(units.start.length - 1);
  for (const row of unit) if (row >= 0) customers[row]!++;
  return Array.from(customers, (count, row) => ({ count, at: units.start[row]!, end: units.start[row + 1]! }))
    .filter(({ count, at, end }) => count > 0 && end > at)
    .map(({ count, at }) => ({
      ...{ code: bank.products[units.product[at]!]!.code, probability: units.probability![at]!, customers: count },
    }));
}

function firstCounts(first: ReturnType<typeof firstEntries>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { code, customers } of first) counts.set(code, (counts.get(code) ?? 0) + customers);
  return new Map([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}

/** The nine tenths of weighted values, each the least value with at least its share of the weight at or below it. Empty without values. */
export function weightedQuantiles(values: readonly (readonly [value: number, weight: number])[]): number[] {
  const sorted = [...values].sort(([a], [b]) => a - b);
  const all = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  const cuts: number[] = [];
  let below = 0;
  for (const [value, weight] of sorted) {
    below += weight;
    while (cuts.length < tenths.length && below >= (tenths[cuts.length]! / 10) * all) cuts.push(value);
  }
  return cuts;
}

/** Customers whose lists of two dates are compared: number in the newest window by number in the run. */
export interface CommonCustomers {
  /** One in this number of the run's customers is drawn, by customer number. */
  every: number;
  numberOf: ReadonlyMap<number, number>;
}

/** Draws at most about 100,000 customers of the run, and finds those of them who are in a window's snapshot. */
export async function commonCustomers(then: Snapshot, now: Snapshot): Promise<CommonCustomers> {
  const every = Math.max(1, Math.ceil(now.customerCount / mostCompared));
  const sql = 'SELECT customer, CAST(id AS VARCHAR) AS id FROM customers';
  const drawn = new Map<string, number>();
  for (const { customer, id } of await queryRows(now.engine, `${sql} WHERE customer % ${every} = 0`))
    drawn.set(String(id), Number(customer));
  const numberOf = new Map<number, number>();
  for await (const { rows, columns } of then.engine.query(sql)) {
    const [customer, id] = [columns.customer as Int32Array, columns.id!];
    for (let i = 0; i < rows; i++) {
      const own = drawn.get(String(id[i]));
      if (own !== undefined) numberOf.set(own, customer[i]!);
    }
  }
  return { every, numberOf };
}

/** Pairs of a customer's list of the window and of the run. */
async function samePairs(
  { results, bank }: ScoredWindow,
  { snapshot: { engine } }: FinishedRun,
  lists: string,
  { every, numberOf }: CommonCustomers,
): Promise<ListPairs[]> {
  const groupOf = new Map(bank.products.map(({ code, groupKey }) => [code, groupKey]));
  const sql = `SELECT c.customer, string_agg(CAST(r.product_code AS VARCHAR), chr(9) ORDER BY r.rank) AS codes
    FROM ${lists} r JOIN (SELECT customer, id FROM customers WHERE customer % ${every} = 0) c ON r.customer = c.id GROUP BY 1`;
  const rows = await queryRows(engine, sql, { place: 'recommendations' });
  const { unit, units } = results!;
  return rows.flatMap(({ customer, codes }): ListPairs[] => {
    const row = unit[numberOf.get(Number(customer)) ?? -1] ?? -1;
    if (row < 0) return [];
    const own = Array.from(
      units.product.subarray(units.start[row]!, units.start[row + 1]!),
      (product) => bank.products[product]!.groupKey,
    );
    return own.length === 0
      ? []
      : [
          pairOf(
            own,
            String(codes)
              .split('\t')
              .map((code) => groupOf.get(code) ?? code),
          ),
        ];
  });
}

/** Overlaps of two lists. */
export function pairOf(one: readonly string[], other: readonly string[]): ListPairs {
  const depth = Math.max(one.length, other.length);
  const overlaps = Array.from({ length: depth }, (_, d) => {
    const own = new Set(one.slice(0, d + 1));
    return other.slice(0, d + 1).filter((key) => own.has(key)).length;
  });
  return { customers: 1, overlaps, entries: one.length + other.length, isSameFirst: one[0] === other[0] };
}
