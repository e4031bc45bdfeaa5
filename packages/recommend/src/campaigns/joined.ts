import { daysSinceEpoch, type HistoryBatch, type HoldingBatch, type PlainDate } from '@basketwise/core/parts';

/** Flags of customers who joined after a date, u8[customers]. Undefined if no customer did. @param joined day of joining, see `BankRecords.joined` */
export function absentOn(joined: Int32Array | undefined, date: PlainDate): Uint8Array | undefined {
  if (joined === undefined) return undefined;
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

/** Holdings of the customers who had joined by `day` (days since 1970-01-01). The rows are moved to the beginning of the batch's arrays. */
export function rowsOfJoined<Batch extends HoldingBatch | HistoryBatch>(
  batch: Batch,
  joined: Int32Array | undefined,
  day: number,
): Batch {
  if (joined === undefined) return batch;
  const columns = Object.entries(batch) as [string, Int32Array][];
  const { customer } = batch;
  let kept = 0;
  for (let row = 0; row < customer.length; row++) {
    if (joined[customer[row]!]! > day) continue;
    if (kept < row) for (const [, column] of columns) column[kept] = column[row]!;
    kept++;
  }
  return Object.fromEntries(columns.map(([name, column]) => [name, column.subarray(0, kept)])) as unknown as Batch;
}
