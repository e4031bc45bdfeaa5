import { createRandom } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import {
  type Arm,
  countInterval,
  differenceInterval,
  effectInterval,
  liftInterval,
  shareInterval,
} from '../../../packages/recommend/src/evaluation/intervals.ts';

const arm = (bought: number, customers: number): Arm => ({ customers, bought });

describe('intervals as published', () => {
  // Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998), table II, method 10
  const cases: [Arm, Arm, number, number][] = [
    [arm(56, 70), arm(48, 80), 0.0524, 0.3339],
    [arm(9, 10), arm(3, 10), 0.1705, 0.809],
    [arm(5, 56), arm(0, 29), -0.0381, 0.1926],
    [arm(0, 10), arm(0, 20), -0.1611, 0.2775],
  ];
  test.each(cases)('%o against %o', (one, other, low, high) => {
    const found = differenceInterval(one, other);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  test('counts: exact Poisson intervals (Garwood, 1936)', () => {
    for (const [count, low, high] of [
      [0, 0, 3.689],
      [10, 4.795, 18.39],
      [100, 81.36, 121.63],
    ] as const) {
      const found = countInterval(count);
      expect(Math.abs(found.low - low)).toBeLessThanOrEqual(low / 100);
      expect(Math.abs(found.high - high)).toBeLessThan(high / 100);
    }
  });

  test('few events: none of either, and all', () => {
    expect(shareInterval(arm(0, 10)).low).toBe(0);
    expect(shareInterval(arm(10, 10)).high).toBe(1);
    expect(liftInterval(arm(3, 100), arm(0, 50))).toMatchObject({ value: null, high: null });
    expect(liftInterval(arm(0, 100), arm(5, 50))).toMatchObject({ value: -1, low: -1 });
  });
});

/** How many of so many customers buy: one draw each. */
function buyers(random: () => number, customers: number, rate: number): Arm {
  let bought = 0;
  for (let i = 0; i < customers; i++) if (random() < rate) bought++;
  return arm(bought, customers);
}

function simulate(offered: number, control: number, seeds: number, rates: [number, number]) {
  const [p, q] = rates;
  const hits = { difference: 0, lift: 0, effect: 0, proven: 0 };
  for (let seed = 0; seed < seeds; seed++) {
    const generator = createRandom(seed);
    const random = () => generator.next();
    const [one, other] = [buyers(random, offered, p), buyers(random, control, q)];
    const [difference, lift] = [differenceInterval(one, other), liftInterval(one, other)];
    const base = differenceInterval(buyers(random, offered, p - 0.01), buyers(random, control, q));
    const effect = effectInterval(difference, base);
    if (effect.low <= 0.01 && 0.01 <= effect.high) hits.effect++;
    if (difference.low <= p - q && p - q <= difference.high) hits.difference++;
    if (lift.low <= p / q - 1 && (lift.high === null || p / q - 1 <= lift.high)) hits.lift++;
    if (difference.low > 0) hits.proven++;
  }
  return hits;
}

describe('1,000 seeds of customers who react, and of customers who do not', () => {
  test('95 % intervals cover the truth in 93 to 97 %', () => {
    const { difference, lift, effect } = simulate(3000, 600, 1000, [0.06, 0.04]);
    for (const hits of [difference, lift, effect]) {
      expect(hits).toBeGreaterThanOrEqual(930);
      expect(hits).toBeLessThanOrEqual(970);
    }
  });

  test('without an effect no more than 5 % are proven', () => {
    expect(simulate(3000, 600, 1000, [0.04, 0.04]).proven).toBeLessThanOrEqual(50);
    expect(simulate(900, 100, 1000, [0.01, 0.01]).proven).toBeLessThanOrEqual(50);
  });
});
