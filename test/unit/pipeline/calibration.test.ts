import { createRandom } from '@basketwise/core';
import { type CampaignPlan, calibrationTerms, hash, logistic } from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';
import { ProbabilityJudge } from '../../../packages/insight/src/evaluation/judge-probabilities.ts';
import { classPurchases } from '../../../packages/recommend/src/campaigns/class-purchases.ts';
import {
  coveredPurchases,
  productRates,
  purchaseRates,
  salesOutlooks,
} from '../../../packages/recommend/src/campaigns/purchase-rates.ts';
import { chanceOf, fitCalibration, levelPriors } from '../../../packages/recommend/src/evaluation/fit-calibration.ts';
import { poissonCount } from '../../reference/random-counts.ts';

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
  test("has the slopes of the optimum by Newton's method with numpy 2: logistic regression with normal priors, one purchase at the rate of all", () => {
    const { slopes } = fitCalibration(madeUp(), { purchases: 1, rate: 0.02 });
    const golden = [
      ...[0.13534638694239637, -0.5353033491883943, 0.16835024456174855, -0.0199194380598082, 0.08372304839756509],
      ...[0.47488426405466816, 0.33140112886943734, 0.06065829196161885, 0.1609883142772761],
    ];
    for (const [i, slope] of slopes.entries()) expect(slope, calibrationTerms[i]).toBeCloseTo(golden[i]!, 3);
  });

  test('probabilities of the rows add up to their purchases, and with a prior to what lies between both', () => {
    const rows = madeUp();
    const [pairs, bought] = [rows.pairs, rows.bought].map((values) => values.reduce((sum, n) => sum + n, 0)) as [number, number];
    for (const purchases of [1, 20]) {
      const { intercept, slopes } = fitCalibration(rows, { purchases, rate: 0.05 });
      const z = (row: number) => slopes.reduce((sum, slope, i) => sum + slope * rows.terms[row * slopes.length + i]!, intercept);
      const expected = rows.pairs.reduce((sum, n, row) => sum + n * logistic(z(row)), 0);
      expect(expected).toBeCloseTo((pairs * (bought + purchases)) / (pairs + purchases / 0.05), 3);
    }
  });

  test('is defined without a purchase, and without a recommendation: below the rate of all, and at it', () => {
    const prior = { purchases: 1, rate: 0.02 };
    const none = { ...madeUp(), bought: new Float64Array(12) };
    const { intercept, slopes } = fitCalibration(none, prior);
    expect(logistic(intercept)).toBeLessThan(0.02);
    expect(slopes.every(Number.isFinite)).toBe(true);
    const nothing = { terms: new Float64Array(), pairs: new Float64Array(), bought: new Float64Array() };
    const empty = fitCalibration(nothing, prior);
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

describe('the prior of a level', () => {
  const campaign = (sold: number, share: number) => ({ pairs: sold * 50, bought: Math.round(sold * share), covered: sold });

  test('is at the share of all campaigns, and weighs more the less campaigns differ', () => {
    const [alike] = levelPriors([campaign(1000, 0.4), campaign(800, 0.41), campaign(600, 0.39)]);
    const [different] = levelPriors([campaign(1000, 0.7), campaign(800, 0.05), campaign(600, 0.4)]);
    expect(alike!.purchases).toBeGreaterThan(3 * different!.purchases);
    expect(alike!.rate).toBeCloseTo(0.4 / 50, 3);
  });

  test('knows that lists of three products name all sales of a class of three, and few of a class of forty with equal sales', () => {
    const rates = (products: number) => ({
      ofNewest: 300,
      products: Object.fromEntries(Array.from({ length: products }, (_, i) => [`P${i}`, { share: 0, trend: 0 }])),
    });
    const [three, forty] = [3, 40].map((products) => coveredPurchases(rates(products), 3)) as [number, number];
    expect(three / forty).toBeCloseTo(40 / 3, 9);
    const [few, many] = levelPriors([
      { pairs: 30_000, bought: 300, covered: three },
      { pairs: 30_000, bought: 23, covered: forty },
    ]);
    expect(few!.rate).toBeCloseTo(0.01, 3);
    expect(many!.rate).toBeCloseTo(23 / 30_000, 4);
  });

  test('is the same beside campaigns without sales', () => {
    const some = [campaign(1000, 0.6), campaign(800, 0.3), campaign(600, 0.4)];
    const beside = levelPriors([...some, ...Array.from({ length: 20 }, () => campaign(0, 0))]);
    expect(beside.slice(0, 3)).toEqual(levelPriors(some));
  });

  test('is finite for one campaign, and without purchases', () => {
    for (const counts of [campaign(1000, 0.4), campaign(0, 0), { pairs: 100, bought: 0, covered: 5 }]) {
      const [{ purchases, rate }] = levelPriors([counts]) as [{ purchases: number; rate: number }];
      expect(purchases).toBeGreaterThan(0);
      expect(rate).toBeGreaterThan(0);
      expect(rate).toBeLessThan(1);
    }
  });
});

describe('drift', () => {
  const months = (rate: (back: number) => number, targets = 10_000, parts = 1) => ({
    purchases: Array.from({ length: 12 }, (_, k) => Math.round(targets * rate(k))),
    targets: Array.from({ length: 12 }, () => targets),
    parts,
  });
  const driftOf = (one: ReturnType<typeof months>, between = 0) => salesOutlooks([one], between)[0]!.drift;

  test('a steady rate goes on, and so do a few purchases', () => {
    expect(driftOf(months(() => 0.03))).toBeCloseTo(0, 2);
    expect(driftOf(months((k) => (k === 0 ? 1e-4 : 0)))).toBeLessThan(0.3);
  });

  test('steady growth and steady fall go on, through the gap and over windows of months', () => {
    for (const growth of [0.05, -0.05]) {
      const next = driftOf(months((k) => 0.05 * Math.exp(-k * growth)));
      expect(next / growth).toBeGreaterThan(0.4);
      expect(next / growth).toBeLessThan(1.2);
      const afterGap = driftOf(
        months((k) => 0.05 * Math.exp(-k * growth)),
        1,
      );
      expect(afterGap / (2 * growth)).toBeGreaterThan(0.5);
      const half = driftOf(months((k) => 0.05 * Math.exp(-k * growth), 10_000, 3));
      expect(half / (3 * growth)).toBeGreaterThan(0.5);
      expect(half / (3 * growth)).toBeLessThan(1.2);
    }
  });

  test.each([
    { parts: 1, known: 12, ofAll: 1.45, ofOne: 1.38 },
    { parts: 6, known: 11, ofAll: 1.2, ofOne: 1.34 },
  ])('forecasts of $parts months after a month of three times the sales', ({ parts, known, ofAll, ofOne }) => {
    const flat = { purchases: new Array<number>(known).fill(300), targets: new Array<number>(known).fill(30_000), parts };
    const tripled = { ...flat, purchases: flat.purchases.map((count, k) => (k === 0 ? 3 * count : count)) };
    const factorOf = (list: (typeof flat)[]) => (Math.exp(salesOutlooks(list, 0)[0]!.drift) * (parts + 2)) / parts;
    for (const [list, factor] of [[[tripled], ofAll] as const, [[tripled, flat], ofOne] as const])
      expect(Math.abs(factorOf([...list]) - factor)).toBeLessThan(0.025);
  });

  test('the share of past changes that happened is what is expected of the next: none where spikes passed, all where a trend went on', () => {
    const spikes = months((k) => (k % 4 === 0 ? 0.09 : 0.03));
    const alternating = 0.09 * Math.exp(driftOf(spikes));
    expect(alternating).toBeLessThan(0.06);
    const lasting = months((k) => (k < 6 ? 0.015 : 0.03));
    expect(Math.abs(driftOf(lasting))).toBeLessThan(0.05);
  });

  test('a small campaign follows all campaigns', () => {
    const large = months((k) => 0.05 * Math.exp(0.06 * k), 10_000, 3);
    const small = { ...large, purchases: [3, 2, 4, 2, 3, 3, 2, 4, 3, 2, 3, 3] };
    const [ofLarge, ofSmall] = salesOutlooks([large, small], 0);
    const [alone] = salesOutlooks([small], 0);
    expect(ofLarge!.drift).toBeLessThan(-0.1);
    expect(ofSmall!.drift).toBeLessThan(alone!.drift - 0.05);
  });

  test('forecasts of earlier windows know nothing of later sales', () => {
    const steady = months((k) => 0.03 + 0.001 * (k % 4), 10_000, 3);
    // one campaign that doubles in the newest window, and one without sales since
    const purchases = [steady, steady].map((one, i) => one.purchases.map((count, k) => (k < 3 ? 2 * count * (1 - i) : count)));
    const expectedOf = (own: readonly number[][]) =>
      salesOutlooks(
        own.map((some) => ({ ...steady, purchases: some })),
        0,
      ).map(({ earlier }) => earlier.expected);
    expect(expectedOf(purchases)).toEqual(expectedOf([steady.purchases, steady.purchases]));
  });

  test('earlier windows of a steady campaign were bought as forecast', () => {
    const { earlier } = salesOutlooks([months(() => 0.03, 10_000, 3)], 0)[0]!;
    expect(earlier.windows).toBe(3);
    expect(earlier.bought).toBe(2700);
    expect(earlier.expected / earlier.bought).toBeCloseTo(1, 2);
  });
});

test('forecasts of simulated campaigns add up to their purchases where sales are level, halve in a year, grow, or tripled for a month', () => {
  const random = createRandom(7);
  const courses: Record<string, (month: number) => number> = {
    level: () => 1,
    falling: (month) => Math.exp(-Math.LN2 * Math.min(1, Math.max(0, (month - 6) / 12))),
    growing: (month) => Math.exp(0.02 * month),
    spiking: (month) => (month === 12 ? 3 : 1),
  };
  for (const [name, course] of Object.entries(courses)) {
    const found = [100, 30, 8, 2].map(() => ({ bought: 0, expected: 0 }));
    for (let bank = 0; bank < 20; bank++) {
      const sales = [100, 30, 8, 2].map((mean) =>
        Array.from({ length: 30 }, (_, month) => poissonCount(mean * course(month), () => random.next())),
      );
      for (let now = 13; now <= 27; now += 2) {
        const known = sales.map((months) => ({
          purchases: Array.from({ length: 12 }, (_, k) => months[now - 1 - k]!),
          targets: new Array<number>(12).fill(10_000),
          parts: 3,
        }));
        for (const [i, { drift }] of salesOutlooks(known, 0).entries()) {
          const sum = (from: number) => sales[i]!.slice(from, from + 3).reduce((all, count) => all + count, 0);
          found[i]!.bought += sum(now);
          found[i]!.expected += (sum(now - 3) + 0.5) * Math.exp(drift);
        }
      }
    }
    const sum = (of: 'bought' | 'expected') => found.reduce((all, one) => all + one[of], 0);
    expect(sum('bought') / sum('expected'), name).toBeGreaterThan(0.93);
    expect(sum('bought') / sum('expected'), name).toBeLessThan(1.07);
    for (const [i, { bought, expected }] of found.slice(0, 3).entries()) {
      expect(bought / expected, `${name}, campaign ${i}`).toBeGreaterThan(0.88);
      expect(bought / expected, `${name}, campaign ${i}`).toBeLessThan(1.14);
    }
  }
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
  const purchases = classPurchases(bank, undefined, 'x', 31);
  const rates = purchaseRates(purchases, plan, products, 31);
  expect(rates.parts).toBe(1);
  expect(rates.purchases).toEqual(Array.from({ length: 11 }, () => 10));
  // Who bought was a target before; all of them bought their first one.
  expect(rates.targets[0]).toBe(customers - bought.length + 50);
  expect(rates.ofNewest).toBe(50);
  const ofProducts = productRates(purchases.counts, plan, products, 31);
  expect(ofProducts.B!.trend).toBeGreaterThan(ofProducts.A!.trend + 1);
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
