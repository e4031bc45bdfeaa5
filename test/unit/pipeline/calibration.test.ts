import {
  type CampaignPlan,
  calibrationTerms,
  chanceOf,
  classPurchases,
  expectedDrift,
  fitCalibration,
  hash,
  logistic,
  purchaseRates,
} from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';
import { ProbabilityJudge } from '../../../packages/insight/src/evaluation/judge-probabilities.ts';

/** Twelve made-up rows, from a stream of numbers that golden values were made from too. */
function madeUp() {
  let state = 7;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state;
  };
  const rows = Array.from({ length: 12 }, () => {
    const terms = calibrationTerms.map(() => (next() % 1000) / 1000 - 0.5);
    return { terms, pairs: 50 + (next() % 200), bought: next() % 6 };
  });
  return {
    terms: Float64Array.from(rows.flatMap(({ terms }) => terms)),
    pairs: Float64Array.from(rows, ({ pairs }) => pairs),
    bought: Float64Array.from(rows, ({ bought }) => bought),
  };
}

describe('calibration', () => {
  test("equals the optimum by Newton's method with numpy 2: logistic regression with normal priors of slopes, one purchase at the rate of all", () => {
    const { intercept, slopes } = fitCalibration(madeUp(), 0.02);
    const golden = [
      ...[0.13534638694239637, -0.5353033491883943, 0.16835024456174855, -0.0199194380598082, 0.08372304839756509],
      ...[0.47488426405466816, 0.33140112886943734, 0.06065829196161885, 0.1609883142772761],
    ];
    expect(intercept).toBeCloseTo(-4.1440358863143265, 3);
    for (const [i, slope] of slopes.entries()) expect(slope, calibrationTerms[i]).toBeCloseTo(golden[i]!, 3);
  });

  test('is defined without a purchase, and without a recommendation: below the rate of all, and at it', () => {
    const none = { ...madeUp(), bought: new Float64Array(12) };
    const { intercept, slopes } = fitCalibration(none, 0.02);
    expect(logistic(intercept)).toBeLessThan(0.02);
    expect(slopes.every(Number.isFinite)).toBe(true);
    const empty = fitCalibration({ terms: new Float64Array(), pairs: new Float64Array(), bought: new Float64Array() }, 0.02);
    expect(logistic(empty.intercept)).toBeCloseTo(0.02, 6);
  });
});

test('rows that stand for others are drawn by how many they are: a basket of half the bank is always among them, and sums stay', () => {
  const rows = [50_000, ...Array.from({ length: 50_000 }, (_, i) => 1 + (i % 3 === 0 ? 1 : 0))];
  const all = rows.reduce((sum, pairs) => sum + pairs, 0);
  const chance = chanceOf(all, 10_000);
  expect(chance(50_000)).toBe(1);
  expect(chanceOf(100, 1000)(1)).toBe(1);
  const drawn = rows.flatMap((pairs, i) => (hash(i, 707) < chance(pairs) * 2 ** 32 ? [pairs / chance(pairs)] : []));
  expect(drawn.length).toBeLessThan(10_000);
  expect(drawn.length).toBeGreaterThan(5000);
  expect(drawn.reduce((sum, pairs) => sum + pairs, 0) / all).toBeCloseTo(1, 1);
});

describe('drift', () => {
  const months = (rate: (back: number) => number, targets = 10_000) => ({
    purchases: Array.from({ length: 12 }, (_, k) => Math.round(targets * rate(k))),
    targets: Array.from({ length: 12 }, () => targets),
    parts: 1,
  });

  test('a steady rate goes on, and so do a few purchases', () => {
    expect(
      expectedDrift(
        months(() => 0.03),
        1,
      ),
    ).toBeCloseTo(0, 3);
    expect(
      expectedDrift(
        months((k) => (k === 0 ? 1e-4 : 0)),
        1,
      ),
    ).toBeLessThan(0.3);
  });

  test('steady growth goes on, through the gap', () => {
    const tenfold = Math.log(10) / 12;
    const drift = expectedDrift(
      months((k) => 0.05 * Math.exp(-k * tenfold)),
      1,
    );
    expect(drift / (2 * tenfold)).toBeGreaterThan(0.8);
    expect(drift / (2 * tenfold)).toBeLessThan(1.05);
  });

  test('one month out of line is mostly forgotten, and a window of six months is seen by months', () => {
    const bump = expectedDrift(
      months((k) => (k === 0 ? 0.06 : 0.03)),
      0,
    );
    expect(bump).toBeLessThan(-0.2);
    const growth = 0.05;
    const half = { ...months((k) => 0.03 * Math.exp(-k * growth)), parts: 6 };
    expect(expectedDrift(half, 0) / (6 * growth)).toBeGreaterThan(0.85);
    expect(expectedDrift(half, 0) / (6 * growth)).toBeLessThan(1.1);
  });
});

test('rates count what targets bought, by month; a launch shows in the trend of its product, and not in the level', () => {
  const day = 19_235; // 2022-08-31
  const bought = Array.from({ length: 11 }, (_, k) => [
    ...Array.from({ length: 10 }, () => ({ product: 0, back: k * 31 + 3 })),
    ...Array.from({ length: k < 2 ? 40 : 0 }, () => ({ product: 1, back: k * 31 + 3 })),
  ]).flat();
  const acquisitions = {
    ...{ date: '2022-08-31', count: bought.length, customer: Int32Array.from(bought, (_, i) => i) },
    product: Int32Array.from(bought, ({ product }) => product),
    day: Int32Array.from(bought, ({ back }) => day - back),
    ...{ start: new Uint32Array(bought.length + 1), before: new Uint32Array() },
  };
  const product = (code: string, i: number) => {
    return { product: i, code, name: code, class: 'x', groupKey: code, onSale: true, representative: i };
  };
  const customers = 1000;
  const products = ['A', 'B'].map(product);
  const holds = new Map([['x', new Uint8Array(customers).fill(1, 0, bought.length)]]);
  const bank = { acquisitions, customers, holds, products };
  const plan = { kind: 'cross', class: 'x', columns: ['x'], name: 'first' } as unknown as CampaignPlan;
  const rates = purchaseRates(classPurchases(bank, 'x', 31), plan, products, 31);
  expect(rates.parts).toBe(1);
  expect(rates.purchases).toEqual(Array.from({ length: 11 }, () => 10));
  // Who bought was a target before; all of them bought their first one.
  expect(rates.targets[0]).toBe(customers - bought.length + 50);
  expect(rates.products.B!.trend).toBeGreaterThan(rates.products.A!.trend + 1);
});

test('quality is that of the plain formulas, also of several judges together', () => {
  const rows = Array.from({ length: 400 }, (_, i) => ({
    p: 0.001 * (1 + (i % 97)),
    pairs: 1 + (i % 7),
    bought: i % 13 === 0 ? 1 : 0,
  }));
  const [one, other] = [new ProbabilityJudge(), new ProbabilityJudge()];
  for (const [i, { p, pairs, bought }] of rows.entries()) (i % 2 ? one : other).add(p, pairs, bought);
  one.addAll(other);
  const { brier, brierOfRate, expected, bought, pairs, reliability } = one.quality()!;
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  expect(pairs).toBe(sum((row) => row.pairs));
  expect(bought).toBe(sum((row) => row.bought));
  expect(expected).toBeCloseTo(
    sum((row) => row.p * row.pairs),
    9,
  );
  expect(brier).toBeCloseTo(sum((row) => row.bought * (1 - row.p) ** 2 + (row.pairs - row.bought) * row.p ** 2) / pairs, 12);
  expect(brierOfRate).toBeCloseTo((bought / pairs) * (1 - bought / pairs), 12);
  expect(reliability).toHaveLength(10);
  expect(reliability.reduce((total, line) => total + line.pairs, 0)).toBe(pairs);
  for (const [i, line] of reliability.entries()) {
    if (i > 0) expect(line.predicted).toBeGreaterThan(reliability[i - 1]!.predicted);
    expect(Math.abs(line.pairs - pairs / 10)).toBeLessThan(pairs / 20);
  }
  expect(new ProbabilityJudge().quality()).toBeNull();
});
