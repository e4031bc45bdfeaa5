// First tier, 1 s: effects of simulated campaigns with as many customers as the report asks for.
import { createRandom } from '@basketwise/core';
import { publishedCount } from '@basketwise/data/base';
import { figuresOf } from '@basketwise/offers';
import { expect, test } from 'vitest';
import { armRange, publishedFigures } from '../../../packages/offers/src/effects/outcome-figures.ts';
import { normalNumber } from '../../reference/random-counts.ts';

/** Shares of customers with a purchase, contacted and control, and size of the control per contacted customer. */
const shapes = [
  [0.12, 0.088, 0.25],
  [0.05, 0.03, 0.11],
  [0.3, 0.2, 1],
  [0.02, 0.015, 0.25],
  [0.01, 0.005, 0.11],
  [0.6, 0.5, 0.25],
] as const;
const draws = 400;
const { next } = createRandom(5);

/** Number of purchases, by the normal distribution: all expected numbers are above 20. */
function purchases(customers: number, share: number): number {
  return Math.max(0, Math.round(customers * share + normalNumber(next) * Math.sqrt(customers * share * (1 - share))));
}

const rangeOf = (customers: number, bought: number) =>
  armRange({ customers: publishedCount(customers), bought: publishedCount(bought) }, bought);

/** Share of draws in which an effect is proven, by exact or published numbers, with as many customers as those figures ask for. */
function powerOf([p, q, ratio]: (typeof shapes)[number], isPublished: boolean): number {
  const [contacted, control] = [1000, 1000 * ratio];
  const exact = {
    offered: { customers: contacted, bought: contacted * p },
    control: { customers: control, bought: control * q },
  };
  const around = (number: number) => [number - 4.5, number + 4.5] as const;
  const wide = ({ customers, bought }: (typeof exact)['offered']) => ({
    customers: around(customers),
    bought: around(bought),
    isHidden: false,
  });
  const { missing } = isPublished
    ? publishedFigures(true, wide(exact.offered), wide(exact.control), null)!
    : figuresOf({ isProof: true, ...exact, controls: null });
  const sizes = [1, ratio].map((part) => Math.round(((contacted + control + missing!) * part) / (1 + ratio)));
  let proven = 0;
  for (let draw = 0; draw < draws; draw++) {
    const [one, other] = [purchases(sizes[0]!, p), purchases(sizes[1]!, q)];
    const arms = { offered: { customers: sizes[0]!, bought: one }, control: { customers: sizes[1]!, bought: other } };
    const found = isPublished
      ? publishedFigures(true, rangeOf(sizes[0]!, one), rangeOf(sizes[1]!, other), null)
      : figuresOf({ isProof: true, ...arms, controls: null });
    proven += Number(found!.proven);
  }
  return proven / draws;
}

test.each([
  ['exact numbers', false],
  ['published numbers', true],
])('with the customers that are said to be missing, %s prove an effect in about four of five cases', (_, isPublished) => {
  const powers = shapes.map((shape) => powerOf(shape, isPublished));
  for (const power of powers) expect(power).toBeGreaterThan(0.66);
  expect(powers.reduce((sum, power) => sum + power, 0) / shapes.length).toBeGreaterThan(0.75);
  expect(powers.reduce((sum, power) => sum + power, 0) / shapes.length).toBeLessThan(0.87);
});

test('no number of customers proves an effect that is not there', () => {
  const arms = { offered: { customers: 100, bought: 1 }, control: { customers: 10, bought: 1 } };
  expect(figuresOf({ isProof: true, ...arms, controls: null }).missing).toBeNull();
});

test('where all contacted customers purchase and no others do, a few more customers suffice', () => {
  const arms = { offered: { customers: 1, bought: 1 }, control: { customers: 1, bought: 0 } };
  expect(figuresOf({ isProof: true, ...arms, controls: null })).toMatchObject({ proven: false, missing: 10 });
});
