import { AppError, noDate } from '@basketwise/core';
import { type BankRecords, daysSinceEpoch, type PlainDate } from '@basketwise/core/advice';
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

/** Flags of who joins after a date: one byte per customer; undefined where nobody does. Who joined on an unknown day was there. */
function absentOn(joined: Int32Array, date: PlainDate): Uint8Array | undefined {
  const absent = new Uint8Array(joined.length);
  const day = daysSinceEpoch(date);
  let count = 0;
  for (let customer = 0; customer < joined.length; customer++) {
    if (joined[customer]! <= day) continue;
    absent[customer] = 1;
    count++;
  }
  return count > 0 ? absent : undefined;
}

/** A snapshot as the records that models learn from and are judged by. Days of joining are read once and kept. */
export function recordsOf(snapshot: Snapshot, config: Pick<Config, 'tables'>, signal?: AbortSignal): BankRecords {
  let joined: Promise<Int32Array> | undefined;
  return {
    customerCount: snapshot.customerCount,
    products: () => snapshot.products(),
    holdings: (asOf, options) => snapshot.holdings(asOf, options),
    history: (asOf, options) => snapshot.history(asOf, options),
    async absent(date) {
      if (config.tables.customers.since === undefined) return undefined;
      joined ??= readJoined(snapshot, signal);
      return absentOn(await joined, date);
    },
  };
}
