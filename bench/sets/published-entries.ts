import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { runOn } from './undated-sets.ts';

/** Entry of a published list. */
export type Entry = [customer: number, rank: number, product: string, probability: number, campaign: string];

/** Runs the config of a folder, which writes Parquet. Returns the entries of some customers by campaign, customer and rank. */
export async function publishedEntries(folder: string, customers: ReadonlyMap<number, unknown>): Promise<Entry[]> {
  runOn(folder, 'run');
  const connection = await (await DuckDBInstance.create()).connect();
  const file = join(folder, 'out/latest/recommendations.parquet');
  const reader = await connection.runAndReadAll(
    `SELECT CAST(customer AS INTEGER), CAST(rank AS INTEGER), product_code, CAST(probability AS DOUBLE), campaign FROM '${file}'
     ORDER BY campaign, 1, 2`,
  );
  const entries = reader.getRowsJson() as Entry[];
  connection.closeSync();
  return entries.filter(([customer]) => customers.has(customer));
}

/** Lists by customer. */
export function listsOf(entries: readonly Entry[]): Map<number, Entry[]> {
  const lists = new Map<number, Entry[]>();
  for (const entry of entries) {
    const list = lists.get(entry[0]);
    if (list === undefined) lists.set(entry[0], [entry]);
    else list.push(entry);
  }
  return lists;
}

/** Chance of a product by a list with probabilities: that of its entry. Products beyond the list share the rest equally. */
export function chanceIn(list: readonly { product: string; probability: number }[], target: string, candidates: number): number {
  const own = list.find(({ product }) => product === target);
  const rest = 1 - list.reduce((sum, { probability }) => sum + probability, 0);
  return Math.max(1e-9, own?.probability ?? Math.max(0, rest) / Math.max(1, candidates - list.length));
}
