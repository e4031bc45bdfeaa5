import { createRandom, daysSinceEpoch, type HistoryBatch, noDate } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { salesOutlooks } from '../../../packages/recommend/src/campaigns/purchase-rates.ts';
import {
  type MonthOpenings,
  monthOpenings,
  seasonOfParts,
  seasonsOf,
} from '../../../packages/recommend/src/campaigns/seasons.ts';

const wave = (month: number) => 0.2 * Math.sin((2 * Math.PI * month) / 12);
const end = daysSinceEpoch('2021-01-01');

/** Openings of the years before 2021: 1,000 a month, times the factor of the month. */
function years(count: number, factor: (month: number, year: number) => number): MonthOpenings[] {
  return Array.from({ length: 12 * count }, (_, i) => {
    const month = 12 * (2021 - count) + i;
    return { month, openings: Math.round(1000 * factor(month % 12, Math.floor(month / 12))) };
  });
}

describe('seasons', () => {
  test('are those of the years, per day, also where sales grow by a fifth a year', () => {
    const found = seasonsOf(
      years(8, (month, year) => Math.exp(wave(month)) * 1.2 ** (year + month / 12 - 2013)),
      end,
    );
    // The days of the months: February is short.
    const days = [31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].map((length) => Math.log(length / 30.4375));
    for (const [month, season] of found.entries())
      expect(Math.abs(season - wave(month) + days[month]!), `${month}`).toBeLessThan(0.02);
  });

  test('are not changed by one month of three times the sales', () => {
    const season = (spike: number) =>
      seasonsOf(
        years(8, (month, year) => Math.exp(wave(month)) * (month === 4 && year === 2018 ? spike : 1)),
        end,
      );
    const [plain, spiked] = [season(1), season(3)];
    for (const [month, value] of spiked.entries()) expect(Math.abs(value - plain[month]!)).toBeLessThan(0.02);
  });

  test('are 0 with less than three years of a month', () => {
    const some = (count: number) =>
      seasonsOf(
        years(count, (month) => Math.exp(wave(month))),
        end,
      ).some((season) => season !== 0);
    expect(some(3)).toBe(false);
    expect(some(4)).toBe(true);
    expect(seasonsOf([], end).every((season) => season === 0)).toBe(true);
  });

  test('shrink where they are no more than chance', () => {
    const random = createRandom(7);
    const largest = Math.max(
      ...seasonsOf(
        years(8, () => 0.5 + random.next()),
        end,
      ).map(Math.abs),
    );
    expect(largest).toBeLessThan(0.15);
  });
});

test('a day counts once for a customer; undated holdings and products sold later do not count', async () => {
  const rows: [customer: number, date: string | null, product?: number][] = [
    [0, '2020-01-30', 1],
    [0, '2020-01-31'],
    [0, '2020-01-31'],
    [0, '2020-02-01'],
    [1, '2020-01-31'],
    [1, null],
  ];
  async function* batches(): AsyncGenerator<HistoryBatch> {
    yield {
      customer: Int32Array.from(rows, ([customer]) => customer),
      product: Int32Array.from(rows, ([, , product = 0]) => product),
      days: Int32Array.from(rows, ([, date]) => (date === null ? noDate : daysSinceEpoch(date))),
      closed: new Int32Array(rows.length).fill(noDate),
    };
  }
  expect(await monthOpenings(batches(), [{}, { upcoming: true }])).toEqual([
    { month: 2020 * 12, openings: 2 },
    { month: 2020 * 12 + 1, openings: 1 },
  ]);
});

test('forecasts of the window before and after a seasonal peak follow the season', () => {
  const today = end - 1;
  const season = seasonOfParts(
    Float64Array.from({ length: 12 }, (_, month) => wave(month)),
    today,
    365 / 12,
  );
  // The last day of December is in part 0, the first of January in part -1.
  expect(season(0)).toBeCloseTo(Math.exp(wave(11)), 2);
  expect(season(-1)).toBeCloseTo(Math.exp(wave(0)), 2);
  expect(season(11)).toBeCloseTo(season(-1), 2);
  const sales = { parts: 3, targets: new Array<number>(12).fill(30_000) };
  const purchases = Array.from({ length: 12 }, (_, part) => Math.round(300 * season(part)));
  const newest = purchases.slice(0, 3).reduce((all, count) => all + count, 0);
  const driftOf = (of?: (part: number) => number) => salesOutlooks([{ ...sales, purchases }], 0, of)[0]!.drift;
  const truth = Math.log((300 * (season(-1) + season(-2) + season(-3))) / newest);
  expect(Math.abs(driftOf(season) - truth)).toBeLessThan(0.01);
  expect(Math.abs(driftOf() - truth)).toBeGreaterThan(0.1);
});
