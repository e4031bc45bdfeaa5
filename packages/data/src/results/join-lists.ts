import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { toAppError } from '../duckdb/error.ts';
import { recommendationColumns } from './recommendation-columns.ts';
import type { ResultOptions } from './results.ts';
import { finishResults } from './write-results.ts';

/** Lists of basket rows, and the basket row of each customer. */
export interface UnitLists {
  /** Relation with the columns of recommendations, in which `customer` is the basket row. */
  lists: string;
  /** For each campaign, in the order of the output: a relation with `customer`, and `unit`, the customer's basket row. */
  members: readonly { campaign: string; from: string }[];
}

/**
 * Writes the recommendations of customers from the lists of their basket rows. The file has the same rows in the same order as the
 * file that `writeResults` writes.
 */
export async function writeJoinedResults(
  engine: DuckdbEngine,
  { lists, members }: UnitLists,
  options: ResultOptions,
): Promise<readonly string[]> {
  const { text } = engine.dialect;
  const temporary = join(options.folder, 'recommendations.unfinished');
  const columns = recommendationColumns.map(({ name }) => (name === 'customer' ? 'm.customer' : `l.${name}`));
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    const file = join(temporary, 'recommendations.parquet');
    const rows = members.map(({ campaign, from }, place) => {
      const of = `${lists} l ON l.customer = m.unit AND l.campaign = ${text(campaign)}`;
      return `SELECT ${place} AS place, ${columns.join(', ')} FROM ${from} m JOIN ${of}`;
    });
    const ordered = `SELECT * EXCLUDE (place) FROM (${rows.join(' UNION ALL ')}) ORDER BY place, customer, rank`;
    await engine.copyToParquet(ordered, file, options.signal && { signal: options.signal }, 'PRESERVE_ORDER true');
    return await finishResults(engine, temporary, recommendationColumns, options);
  } catch (cause) {
    throw toAppError(cause, options.signal ? { signal: options.signal } : {}, options.folder);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // An earlier failure is thrown instead.
  }
}
