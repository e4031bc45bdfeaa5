import {
  type ChoiceCell,
  type ChoiceSet,
  ChoiceStore,
  createInlinePool,
  createRandom,
  exp,
  fitConditionalLogit,
  LogitChoices,
  mean,
} from '@basketwise/core/parts';
import { describe, expect, test } from 'vitest';
import {
  candidatesOfSets,
  drawnColumns,
  mostOfAll,
  windowBytes,
} from '../../../packages/recommend/src/choosing/choice-candidates.ts';
import { cases } from '../../cases.ts';

describe('candidates of choice sets', () => {
  test('are all of an ordinary campaign, however many sets there are', () => {
    expect(candidatesOfSets(mostOfAll, 1_000_000, 12)).toBe(mostOfAll);
  });

  test('are all of a wide campaign with few sets', () => {
    expect(candidatesOfSets(5000, 100, 12)).toBe(5000);
  });

  test.each([500, 2000, 20_000, 40_000])('keep %i sets of a wide campaign within the budget', (sets) => {
    const candidates = candidatesOfSets(5000, sets, 12);
    expect(candidates).toBeLessThan(5000);
    expect(candidates * sets * 12 * 8).toBeLessThanOrEqual(windowBytes);
  });
});

describe('drawn candidates', () => {
  const columns = Array.from({ length: 200 }, (_, i) => 3 * i);

  test('have the purchased column, once, and as many others as wanted', () => {
    for (let seed = 0; seed < 50; seed++) {
      const target = columns[seed * 4]!;
      const drawn = drawnColumns(columns, target, 20, seed);
      expect(drawn).toHaveLength(20);
      expect(drawn).toContain(target);
      expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
      expect(drawn.every((column) => columns.includes(column))).toBe(true);
      expect(drawnColumns(columns, target, 20, seed)).toEqual(drawn);
    }
    expect(drawnColumns(columns, null, 20, 1)).toHaveLength(20);
    expect(drawnColumns(columns, 3, 1000, 1)).toEqual(columns);
  });

  test('leave the weights of a logit unbiased', () => {
    const truth = [1.2, 0.6];
    const found = Array.from({ length: cases(80) }, (_, seed) => fittedTo(truth, seed));
    for (const [k, weight] of truth.entries()) {
      const own = Float64Array.from(found, (weights) => weights[k]!);
      const error = Math.sqrt(mean(own.map((one) => (one - mean(own)) ** 2)) / own.length);
      expect(Math.abs(mean(own) - weight)).toBeLessThan(4 * error);
      expect(error).toBeLessThan(0.06);
    }
  });

  /** Weights fitted to 400 choices among 15 drawn candidates; the choices are made among all 200. */
  function fittedTo(truth: readonly number[], seed: number): Float64Array {
    const random = createRandom(seed);
    const score = Float64Array.from({ length: columns.length * 2 }, () => 2 * random.next() - 1);
    const sets: ChoiceSet[] = [];
    const cells: ChoiceCell[] = [];
    const shares = columns.map((_, i) => exp(truth[0]! * score[2 * i]! + truth[1]! * score[2 * i + 1]!));
    const all = shares.reduce((sum, share) => sum + share, 0);
    for (let set = 0; set < 400; set++) {
      const chosen = chosenBy(shares, random.next() * all);
      const drawn = drawnColumns([...columns.keys()], chosen, 15, 1000 * seed + set);
      const scores = Float64Array.from(drawn.flatMap((i) => [score[2 * i]!, score[2 * i + 1]!]));
      sets.push({ products: Uint32Array.from(drawn), scores });
      cells.push({ set, levels: [], taken: Float64Array.from(drawn, (i) => (i === chosen ? 1 : 0)) });
    }
    const pool = createInlinePool();
    const problem = { windows: [{ sets, cells }], members: 2, products: columns.length, features: [] };
    return fitConditionalLogit(new LogitChoices(new ChoiceStore(pool), problem), { priorChoices: 0.01 }).weights;
  }
});

/** The candidate in whose share of the sum a number lies. */
function chosenBy(shares: readonly number[], drawn: number): number {
  let left = drawn;
  return shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
}
