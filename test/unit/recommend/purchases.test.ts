import { noDate, type Product, stillOpen } from '@basketwise/core';
import { RecentPopularity } from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';
import { AcquisitionCollector } from '../../../packages/recommend/src/campaigns/acquisitions.ts';

const products = ['A', 'B'].map((code) => ({ code, groupKey: code })) as unknown as Product[];

test('a purchase counts for popularity from the first day of the year on, once per customer', () => {
  const popularity = new RecentPopularity(products, 100, 4, new Map());
  popularity.add({
    customer: Int32Array.of(0, 1, 2, 2, 3),
    product: Int32Array.of(0, 0, 0, 0, 1),
    days: Int32Array.of(99, 100, 101, 150, noDate),
  });
  expect(popularity.holders()).toEqual([
    { group: 'A', held: 3 },
    { group: 'B', held: 1 },
  ]);
  expect(popularity.ranked(['A', 'B'], null, -1)).toEqual([
    { key: 'A', score: 0.5 },
    { key: 'B', score: 0 },
  ]);
});

describe('purchases of the last year', () => {
  // 2020-12-31 is day 18627, 2021-12-31 day 18992
  const [since, today] = [18627, 18992];
  const purchases = (rows: readonly (readonly [customer: number, product: number, opened: number, closed: number])[]) => {
    const collector = new AcquisitionCollector('2021-12-31' as never, []);
    const [customer, product, days, closed] = [0, 1, 2, 3].map((at) => Int32Array.from(rows, (row) => row[at]!));
    collector.add({ customer: customer!, product: product!, days: days!, closed: closed! });
    const { count, product: what, day, start, before } = collector.finish();
    return Array.from({ length: count }, (_, i) => ({
      product: what[i],
      day: day[i],
      heldBefore: Array.from(before.subarray(start[i], start[i + 1]), (packed) => packed >>> 8),
    }));
  };

  test('are those after its first day, and up to the date', () => {
    const found = purchases([
      [0, 0, since, stillOpen],
      [1, 0, since + 1, stillOpen],
      [2, 0, today, stillOpen],
      [3, 0, noDate, stillOpen],
    ]);
    expect(found.map(({ day }) => day)).toEqual([since + 1, today]);
  });

  test('closed on their own day are purchases, closed before it are none', () => {
    expect(purchases([[0, 1, 18700, 18700]])).toEqual([{ product: 1, day: 18700, heldBefore: [] }]);
    expect(purchases([[0, 1, 18700, 18699]])).toEqual([]);
  });

  test('know a holding closed on their day as held, one closed the day before not', () => {
    const heldIf = (closed: number) =>
      purchases([
        [0, 0, 18000, closed],
        [0, 1, 18700, stillOpen],
      ])[0]!.heldBefore;
    expect([heldIf(stillOpen), heldIf(18700), heldIf(18699)]).toEqual([[0], [0], []]);
  });
});
