import { AppError } from '@basketwise/core';
import { type BankRecords, daysSinceEpoch, type PlainDate } from '@basketwise/core/advice';
import { type Snapshot, sinceColumn } from '@basketwise/data';
import type { Config } from '../config/schema.ts';

/**
 * Flags of who became a customer after a date (`tables.customers.since`) and is none on it: one byte per customer; undefined where the config does
 * not say when, or nobody did. Who joined on an unknown day was there.
 */
export async function readAbsent(
  snapshot: Snapshot,
  { tables }: Pick<Config, 'tables'>,
  date: PlainDate,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (tables.customers.since === undefined) return undefined;
  const absent = new Uint8Array(snapshot.customerCount);
  const day = daysSinceEpoch(date);
  let [at, count] = [0, 0];
  for await (const { rows, columns, nulls } of snapshot.customers([sinceColumn], {
    ...(signal && { signal }),
    place: 'tables.customers.since',
  })) {
    const [since, isNull] = [columns[sinceColumn] as Int32Array, nulls[sinceColumn]];
    for (let i = 0; i < rows; i++, at++) {
      if (isNull?.[i] || since[i]! <= day) continue;
      absent[at] = 1;
      count++;
    }
  }
  if (at !== snapshot.customerCount)
    throw new AppError('bug', `days of joining of ${at} customers read, not of all`, 'Report this.');
  return count > 0 ? absent : undefined;
}

/** A snapshot as the records that models learn from and are judged by. */
export function recordsOf(snapshot: Snapshot, config: Pick<Config, 'tables'>): BankRecords {
  return {
    customerCount: snapshot.customerCount,
    products: () => snapshot.products(),
    holdings: (asOf, options) => snapshot.holdings(asOf, options),
    history: (asOf, options) => snapshot.history(asOf, options),
    absent: (date) => readAbsent(snapshot, config, date),
  };
}
