import { AppError, noDate } from '@basketwise/core';
import { type BankRecords, daysSinceEpoch, type HoldingBatch, type PlainDate, rowsOfJoined } from '@basketwise/core/advice';
import { type Snapshot, sinceColumn } from '@basketwise/data';
import type { Config } from '../config/schema.ts';

/** Days on which customers joined, as days since 1970-01-01; `noDate` where that is not known. */
async function readJoined(snapshot: Snapshot, signal?: AbortSignal): Promise<Int32Array> {
  const joined = new Int32Array(snapshot.customerCount);
  const options = { ...(signal && { signal }), place: 'tables.customers.since' };
  let at = 0;
  for await (const { rows, columns, nulls } of snapshot.customers([sinceColumn], options)) {
    const [since, isNull] = [columns[sinceColumn] as Int32Array, nulls[sinceColumn]];
    for (let i = 0; i < rows; i++) joined[at + i] = isNull?.[i] ? noDate : since[i]!;
    at += rows;
  }
  if (at !== joined.length) throw new AppError('bug', `days of joining of ${at} customers read, not of all`, 'Report this.');
  return joined;
}

/** A snapshot as the records that models learn from and are judged by. Days of joining are read once and kept. */
export function recordsOf(snapshot: Snapshot, config: Pick<Config, 'tables'>, signal?: AbortSignal): BankRecords {
  let found: Promise<Int32Array> | undefined;
  const joined = async () => {
    if (config.tables.customers.since === undefined) return undefined;
    found ??= readJoined(snapshot, signal);
    return await found;
  };
  async function* ofJoined<Batch extends HoldingBatch>(batches: AsyncIterable<Batch>, asOf: PlainDate): AsyncGenerator<Batch> {
    const [days, day] = [await joined(), daysSinceEpoch(asOf)];
    for await (const batch of batches) yield rowsOfJoined(batch, days, day);
  }
  return {
    customerCount: snapshot.customerCount,
    products: () => snapshot.products(),
    holdings: (asOf, options) => ofJoined(snapshot.holdings(asOf, options), asOf),
    history: (asOf, options) => ofJoined(snapshot.history(asOf, options), asOf),
    joined,
  };
}
