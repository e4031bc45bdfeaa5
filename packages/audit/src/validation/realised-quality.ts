import { exp } from '@basketwise/core';
import { openOn, publishedRelation, queryRows } from '@basketwise/data';
import { publishedCount, publishedValue } from '@basketwise/data/base';
import type { FinishedRun } from '@basketwise/insight';
import { publishedInterval } from '@basketwise/pipeline';
import { minimumCustomers, ndcg, type RateInterval, shareInterval, z95 } from '@basketwise/recommend';

import { type Moments, meanOf, momentsOf, squaredError } from './moments.ts';
import type { ValidationFile } from './validation-file.ts';

type Realised = ValidationFile['drift'][number]['realised'][number];

/**
 * Ratio of two independent means of values from 0 to 1, with a 95 % interval by the delta method on the logarithm of the ratio.
 * Null if the second mean is 0. If the first mean is 0, the upper end comes from the score interval of a share of 0 among its customers.
 */
export function meanRatio(own: Moments, other: Moments): RateInterval | null {
  if (own.n === 0 || !(other.sum > 0)) return null;
  const [mean, ofOther] = [meanOf(own), meanOf(other)];
  const value = mean / ofOther;
  const otherError = squaredError(other) / ofOther ** 2;
  if (value === 0) {
    const { high } = shareInterval({ customers: own.n, bought: 0 });
    return { value, low: 0, high: (high / ofOther) * exp(z95 * Math.sqrt(otherError)) };
  }
  const error = Math.sqrt(squaredError(own) / mean ** 2 + otherError);
  return { value, low: value * exp(-z95 * error), high: value * exp(z95 * error) };
}

/**
 * Realised quality: NDCG of a campaign's lists in an earlier run, measured by the purchases between that run and a later run.
 * It covers customers with a list who purchased a product of the campaign's class that they did not hold. The product must be on sale.
 * A model that leaks later data into training has a high NDCG in the newest test window and a low one here. Older windows would dilute the
 * difference, because the present columns say less about them.
 * Null for fewer than 20 customers, or if the lists are shorter or longer than in the test windows.
 * @param tested NDCG of the test customers of the newest window
 */
export async function realisedQuality(
  { reference, now }: Record<'reference' | 'now', FinishedRun>,
  campaign: string,
  tested: Moments | undefined,
): Promise<Realised | null> {
  const of = now.config.campaigns[campaign]?.class;
  const [length, other] = [now, reference].map(({ config }) => comparedLength(config.top_n));
  if (of === undefined || tested === undefined || tested.n < minimumCustomers || length !== other) return null;
  const found = momentsOf(await listValues({ reference, now }, campaign, of, length!));
  if (found.n < minimumCustomers) return null;
  const ratio = meanRatio(found, tested);
  return { campaign, customers: publishedCount(found.n), ndcg: publishedValue(meanOf(found)), ratio: publishedInterval(ratio) };
}

/** Distinct values of NDCG of the first `length` entries, each with its number of customers. */
async function listValues(
  { reference, now }: Record<'reference' | 'now', FinishedRun>,
  campaign: string,
  of: string,
  length: number,
): Promise<[number, number][]> {
  const { engine } = now.snapshot;
  const { dialect } = engine;
  const [from, to] = [reference, now].map(({ referenceDate }) => dialect.date(referenceDate));
  const named = `SELECT c.id AS customer, p.group_key FROM holdings h JOIN products p USING (product) JOIN customers c USING (customer)`;
  const sql = `WITH lists AS (SELECT r.customer, r.rank, p.group_key
      FROM ${publishedRelation(dialect, reference.folder, reference.config.output)} r JOIN products p ON p.code = r.product_code
      WHERE r.campaign = ${dialect.text(campaign)} AND r.rank <= ${length}),
    bought AS (SELECT DISTINCT customer, group_key FROM (${named} WHERE h.opened > ${from} AND h.opened <= ${to}
      AND p.class = ${dialect.text(of)} AND p.on_sale AND (h.closed < h.opened) IS NOT TRUE) b
      WHERE customer IN (SELECT customer FROM lists)),
    targets AS (SELECT * FROM bought EXCEPT (${named} WHERE ${openOn(from!)})),
    hits AS (SELECT t.customer, count(*) AS targets, string_agg(CAST(l.rank AS VARCHAR), ',' ORDER BY l.rank) AS ranks
      FROM targets t LEFT JOIN lists l ON l.customer = t.customer AND l.group_key = t.group_key GROUP BY 1)
    SELECT targets, ranks, count(*) AS n FROM hits GROUP BY ALL ORDER BY ALL`;
  const rows = await queryRows(engine, sql, { place: 'recommendations' });
  return rows.map(({ targets, ranks, n }) => {
    const found = ranks === null ? [] : String(ranks).split(',').map(Number);
    return [ndcg({ ranks: found, targets: Number(targets) }, length), Number(n)];
  });
}

/**
 * Number of list entries that NDCG and recall of a validation pack use: the first 5, or all entries of shorter published lists.
 * @param topN length of published lists
 */
export function comparedLength(topN: number): number {
  return Math.min(5, topN);
}
