import { pow } from '@basketwise/core';
import { type Engine, queryRows } from '@basketwise/data';

/** Persistence p of the rank-biased overlap: the weight of an entry is .8 of the weight of the entry before it. */
const persistence = 0.8;

/** Number of customers whose two lists have the same overlaps. */
export interface ListPairs {
  customers: number;
  /** Number of products common to the first d entries of both lists, for d from 1 to the length of the longer list. */
  overlaps: readonly number[];
  /** Sum of the lengths of both lists. */
  entries: number;
  /** Whether both lists begin with the same product. */
  isSameFirst: boolean;
}

/**
 * Compares the lists of customers who have a list in both of two relations. Counts these customers by the overlaps of their two lists.
 * @param before SQL of a relation with columns `customer`, `rank` and `product_code`
 * @param after SQL of the other relation, with the same columns
 */
export async function listPairs(engine: Engine, before: string, after: string): Promise<ListPairs[]> {
  const longest = `SELECT CAST(max(rank) AS INTEGER) AS longest FROM (SELECT rank FROM ${before} UNION ALL SELECT rank FROM ${after})`;
  const depths = Array.from({ length: Number((await queryRows(engine, longest))[0]!.longest) }, (_, i) => i + 1);
  if (depths.length === 0) return [];
  // counts, not lists: DuckDB cannot spill lists
  const lengths = (from: string) => `(SELECT customer, CAST(count(*) AS INTEGER) AS n FROM ${from} GROUP BY 1)`;
  const common = `(SELECT customer, ${depths.map((d) => `CAST(count(*) FILTER (depth <= ${d}) AS INTEGER) AS c${d}`).join(', ')}
    FROM (SELECT a.customer, greatest(a.rank, b.rank) AS depth
      FROM ${before} a JOIN ${after} b ON a.customer = b.customer AND a.product_code = b.product_code) GROUP BY 1)`;
  const both = `(SELECT a.n + b.n AS entries, greatest(a.n, b.n) AS depth, [${depths.map((d) => `coalesce(c${d}, 0)`).join(', ')}] AS counts
    FROM ${lengths(before)} a JOIN ${lengths(after)} b ON a.customer = b.customer LEFT JOIN ${common} c ON c.customer = a.customer)`;
  const sql = `SELECT array_to_string(counts[1:depth], ',') AS common, entries, counts[1] AS same, CAST(count(*) AS DOUBLE) AS customers
    FROM ${both} GROUP BY ALL ORDER BY ALL`;
  const rows = await queryRows(engine, sql, { place: 'recommendations' });
  return rows.map(({ common, entries, same, customers }) => ({
    ...{ customers: Number(customers), overlaps: String(common).split(',').map(Number) },
    ...{ entries: Number(entries), isSameFirst: Number(same) === 1 },
  }));
}

/** Jaccard similarity of two lists as sets: size of the intersection / size of the union. */
export function jaccard({ overlaps, entries }: Pick<ListPairs, 'overlaps' | 'entries'>): number {
  const common = overlaps.at(-1)!;
  return common / (entries - common);
}

/**
 * Extrapolated rank-biased overlap of two lists (Webber, Moffat and Zobel, 2010, equation 30); 1 for equal lists:
 *   (x_k / k) p^k + (1 - p) / p sum_{d = 1..k} (x_d / d) p^d
 * x_d is the number of products common to the first d entries of both lists, k the length of the longer list.
 */
export function rankBiasedOverlap({ overlaps }: Pick<ListPairs, 'overlaps'>, p = persistence): number {
  const k = overlaps.length;
  const sum = overlaps.reduce((total, common, i) => total + (common / (i + 1)) * pow(p, i + 1), 0);
  return (overlaps.at(-1)! / k) * pow(p, k) + ((1 - p) / p) * sum;
}
