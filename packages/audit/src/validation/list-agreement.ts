import { pow } from '@basketwise/core/parts';
import { type Engine, queryRows } from '@basketwise/data';

/** Persistence of the overlap: each next entry counts for .8 of the one before. */
const persistence = 0.8;

/** Customers whose two lists agree alike. */
export interface ListPairs {
  customers: number;
  /** Number of entries that both lists have among their first d, for d from 1 to the length of the longer list. */
  overlaps: readonly number[];
  /** Number of entries of both lists together. */
  entries: number;
  /** Whether both begin with the same product. */
  isSameFirst: boolean;
}

/**
 * Counts the pairs of lists of customers with one in both of two relations, by their agreement.
 * @param before SQL of a relation with `customer`, `rank` and `product_code`
 * @param after SQL of the other one
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

/** Jaccard similarity of two lists as sets: size of the intersection over that of the union. */
export function jaccard({ overlaps, entries }: Pick<ListPairs, 'overlaps' | 'entries'>): number {
  const common = overlaps.at(-1)!;
  return common / (entries - common);
}

/**
 * Extrapolated rank-biased overlap of two lists at depth k of the longer one (Webber, Moffat and Zobel, 2010, equation 30):
 * x_k / k p^k + (1 - p) / p sum_d x_d / d p^d, with x_d the number of common entries among the first d. 1 for equal lists.
 */
export function rankBiasedOverlap({ overlaps }: Pick<ListPairs, 'overlaps'>, p = persistence): number {
  const k = overlaps.length;
  const sum = overlaps.reduce((total, common, i) => total + (common / (i + 1)) * pow(p, i + 1), 0);
  return (overlaps.at(-1)! / k) * pow(p, k) + ((1 - p) / p) * sum;
}
