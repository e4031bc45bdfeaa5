import { createInlinePool, createRandom, exp } from '@basketwise/core';
import { type CampaignChoice, recommendTo } from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { drawnPlace } from '../../reference/drawn.ts';

const customers = 800;

/** Weight of each pair of products: row j is added to the utilities of holders of j. */
function pairWeights(products: number, strength: number): Float64Array {
  const random = createRandom(3);
  return Float64Array.from({ length: products ** 2 }, () => strength * (random.next() + random.next() - 1));
}

/** A bank without dates whose customers took one to five products, one after the other: each by a conditional logit of the pairs. */
function drawnBank(products: number, pairs: Float64Array) {
  const random = createRandom(4);
  const [customer, product]: [number[], number[]] = [[], []];
  for (let i = 0; i < customers; i++) {
    const utility = Float64Array.from({ length: products }, (_, one) => -one / 4);
    for (let left = 1 + Math.floor(5 * random.next()); left > 0; left--) {
      const odds = utility.map((value) => exp(value));
      const taken = drawnPlace(odds, random.next());
      for (let one = 0; one < products; one++) utility[one]! += pairs[taken * products + one]!;
      utility[taken] = Number.NEGATIVE_INFINITY;
      customer.push(i);
      product.push(taken);
    }
  }
  const codes = Array.from({ length: products }, (_, one) => `P${String(one).padStart(2, '0')}`);
  return { customer: Int32Array.from(customer), product: Int32Array.from(product), products: codes };
}

async function learned(products: number, strength: number) {
  const bank = drawnBank(products, pairWeights(products, strength));
  const { choice } = await recommendTo(createInlinePool(), bank, { n: 3 });
  return { bank, choice: choice! };
}

/** Weights of pairs of the learned model, whether or not it is the chosen one. */
function pairsOf({ trials }: CampaignChoice) {
  const spec = trials.find(({ name }) => name === 'next-purchase')!.spec;
  return (spec.kind === 'next-purchase' && spec.pairs) || {};
}

describe('pairs of products, without dates', () => {
  test('where products depend on those held, their pairs have weights', async () => {
    const { bank, choice } = await learned(10, 2);
    expect(choice.learned!.pairRidge).not.toBeNull();
    const found = pairsOf(choice);
    expect(Object.keys(found).sort()).toEqual(bank.products);
    expect(Object.values(found).every((ofHeld) => Object.values(ofHeld).some((weight) => weight !== 0))).toBe(true);
  });

  longTest('where products are taken independently of each other, pairs have no or small weights', async () => {
    const { choice } = await learned(10, 0);
    const weights = Object.values(pairsOf(choice)).flatMap((ofHeld) => Object.values(ofHeld));
    expect(Math.max(0, ...weights.map(Math.abs))).toBeLessThan(0.3);
  });

  longTest('more products than 32 have no weights of pairs', async () => {
    const { choice } = await learned(33, 2);
    expect(choice.learned!.pairRidge).toBeNull();
  });
});
