import { type BankRecords, daysSinceEpoch, type HistoryBatch, noDate, stillOpen } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { keepRecords, recordKeeper } from '../../../packages/recommend/src/evaluation/kept-records.ts';

const day = (date: string) => daysSinceEpoch(date as Parameters<typeof daysSinceEpoch>[0]);
const rows: HistoryBatch = {
  customer: Int32Array.of(0, 0, 1, 1, 2, 2),
  product: Int32Array.of(0, 1, 2, 2, 1, 0),
  days: Int32Array.of(day('2022-01-10'), day('2022-03-10'), noDate, day('2022-02-10'), day('2022-01-20'), day('2022-05-10')),
  closed: Int32Array.of(day('2022-04-01'), stillOpen, stillOpen, stillOpen, day('2022-02-01'), stillOpen),
};
const records: BankRecords = {
  customerCount: 3,
  products: async () => ['a', 'b', 'c'].map((groupKey) => ({ groupKey })) as never,
  holdings: () => expect.unreachable('one pass over the history is enough'),
  async *history(asOf) {
    const until = day(asOf);
    const kept = [...rows.days.keys()].filter((row) => rows.days[row]! <= until);
    const of = (column: Int32Array) => Int32Array.from(kept, (row) => column[row]!);
    const closed = of(rows.closed).map((end) => (end <= until ? end : stillOpen));
    yield { customer: of(rows.customer), product: of(rows.product), days: of(rows.days), closed };
  },
  joined: async () => Int32Array.of(noDate, day('2022-04-15'), day('2022-01-20')),
};
/** Customers 0 and 2. */
const sample = { customers: 2, numberOf: Int32Array.of(0, -1, 1), drawn: 'two' };
const date = '2022-04-30' as Parameters<typeof keepRecords>[1];

async function all<Batch extends object>(batches: AsyncIterable<Batch>): Promise<Record<string, number[]>[]> {
  const found: Record<string, number[]>[] = [];
  for await (const batch of batches) {
    const columns = Object.entries(batch as Record<string, Int32Array>);
    found.push(Object.fromEntries(columns.map(([name, values]) => [name, [...values]])));
  }
  return found;
}

describe('kept records of a sample', () => {
  test('are those of its customers, by their number in it, as of each date', async () => {
    const kept = await keepRecords(records, date, sample);
    expect(kept.customerCount).toBe(2);
    expect(await all(kept.holdings(date))).toEqual([{ customer: [0], product: [1], days: [day('2022-03-10')] }]);
    expect(await all(kept.holdings('2022-01-31' as typeof date))).toMatchObject([{ customer: [0, 1], product: [0, 1] }]);
    expect(await all(kept.history(date, { after: '2022-01-15' as typeof date }))).toMatchObject([
      { customer: [0, 1], product: [1, 1], closed: [stillOpen, day('2022-02-01')] },
    ]);
    expect(await kept.joined()).toEqual(Int32Array.of(noDate, day('2022-01-20')));
  });

  test('have the known purchases of a customer, in the sample or not; a lost date says nothing', async () => {
    const kept = await keepRecords(records, date, sample);
    expect(await kept.known?.(date)).toEqual(Uint8Array.of(1, 1, 1));
    // the customer who opened the third in February joined in April
    expect(await kept.known?.('2022-04-14' as typeof date)).toEqual(Uint8Array.of(1, 1, 0));
  });

  test('of later joiners are none before', async () => {
    const kept = await keepRecords(records, date, undefined);
    expect(await all(kept.holdings('2022-04-14' as typeof date))).toMatchObject([{ customer: [0] }]);
    expect(await all(kept.history('2022-01-19' as typeof date))).toMatchObject([{ customer: [0] }]);
    expect(await all(kept.holdings(date))).toMatchObject([{ customer: [0, 1, 1] }]);
  });

  test('know nothing after their last date', async () => {
    const kept = await keepRecords(records, date, sample);
    await expect(all(kept.holdings('2022-05-31' as typeof date))).rejects.toThrow('2022-05-31');
  });

  test('are read again for another sample or date alone', async () => {
    let read = 0;
    const counted: BankRecords = {
      ...records,
      history(asOf, options) {
        read++;
        return records.history(asOf, options);
      },
    };
    const kept = recordKeeper(counted);
    const first = await kept(date, sample);
    expect(await kept(date, { ...sample })).toBe(first);
    expect(read).toBe(1);
    const all = await kept(date, undefined);
    expect(all.customerCount).toBe(3);
    await kept('2022-04-29' as typeof date, undefined);
    expect(read).toBe(3);
  });
});
