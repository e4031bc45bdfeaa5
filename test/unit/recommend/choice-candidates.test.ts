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
} from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import {
  candidatesOfSets,
  caseDraws,
  choiceBytes,
  drawnColumns,
  drawnOfClasses,
  mostOfAll,
  windowBytes,
} from '../../../packages/recommend/src/choosing/choice-candidates.ts';
import { cases } from '../../cases.ts';

describe('candidates of choice sets', () => {
  test('are all of an ordinary campaign whose baskets repeat, however many purchases there are', () => {
    expect(candidatesOfSets(mostOfAll, { baskets: 5000, pairs: 1_000_000 }, 12)).toBe(mostOfAll);
    expect(candidatesOfSets(200, { baskets: 20_000, pairs: 40_000 }, 12)).toBe(200);
  });

  test('are all of a wide campaign with few sets', () => {
    expect(candidatesOfSets(5000, { baskets: 100, pairs: 200 }, 12)).toBe(5000);
  });

  test.each([
    [5000, 500, windowBytes.wide],
    [5000, 2000, windowBytes.wide],
    [5000, 20_000, windowBytes.wide],
    [5000, 40_000, windowBytes.wide],
    [mostOfAll, 20_000, windowBytes.narrow],
    [400, 40_000, windowBytes.narrow],
  ])('of %i products keep %i sets within the budget', (products, sets, bytes) => {
    const candidates = candidatesOfSets(products, { baskets: sets, pairs: sets }, 12);
    expect(candidates).toBeLessThan(products);
    expect(candidates * sets * 12 * 8).toBeLessThanOrEqual(bytes);
  });

  test('need the memory that their bounds allow: more with features', () => {
    expect(choiceBytes(1000, 10_000_000, true)).toBeGreaterThan(3 * windowBytes.narrow);
    expect(choiceBytes(1000, 10_000_000, true)).toBeLessThanOrEqual(4 * windowBytes.narrow);
    expect(choiceBytes(1000, 10_000_000, false)).toBe(4 * 8 * 12 * 2000 * 1000);
    expect(choiceBytes(1000, 100, true)).toBe(4 * 8 * 12 * 100 * 1000);
  });
});

describe('drawn candidates', () => {
  const columns = Array.from({ length: 200 }, (_, i) => 3 * i);

  test('have the purchased column, once, and as many others as wanted', () => {
    for (let seed = 0; seed < 50; seed++) {
      const target = columns[seed * 4]!;
      const drawn = drawnColumns(columns, target, 20, `set ${seed}`);
      expect(drawn).toHaveLength(20);
      expect(drawn).toContain(target);
      expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
      expect(drawn.every((column) => columns.includes(column))).toBe(true);
      expect(drawnColumns(columns, target, 20, `set ${seed}`)).toEqual(drawn);
    }
    expect(drawnColumns(columns, null, 20, 'a')).toHaveLength(20);
    expect(drawnColumns(columns, 3, 1000, 'a')).toEqual(columns);
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
      const drawn = drawnColumns([...columns.keys()], chosen, 15, `${seed} ${set}|${chosen}`);
      const scores = Float64Array.from(drawn.flatMap((i) => [score[2 * i]!, score[2 * i + 1]!]));
      sets.push({ products: Uint32Array.from(drawn), scores });
      cells.push({ set, levels: [], taken: Float64Array.from(drawn, (i) => (i === chosen ? 1 : 0)) });
    }
    const pool = createInlinePool();
    const problem = { windows: [{ sets, cells }], members: 2, products: columns.length, features: [] };
    return fitConditionalLogit(new LogitChoices(new ChoiceStore(pool), problem), { priorChoices: 0.01 }).weights;
  }
});

describe('cases of many classes', () => {
  test('are all drawn up to the limit, and about in proportion beyond it', () => {
    const classes = Array.from({ length: 20_000 }, (_, i) => `class ${(i * 7919) % 1000}`);
    expect(drawnOfClasses(classes, caseDraws(classes), 1000)).toHaveLength(20_000);
    const drawn = drawnOfClasses(classes, caseDraws(classes), 999);
    expect(new Set(drawn.map((place) => classes[place])).size).toBe(999);
    // 20 cases a class: the last class comes late
    expect(drawn.length).toBeGreaterThan(4000);
    expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
    const keys = Array.from({ length: 5000 }, (_, i) => `own ${i}`);
    expect(drawnOfClasses(keys, caseDraws(keys), 838)).toHaveLength(838);
  });

  test('are drawn by their own keys: one more customer changes no other draw', () => {
    const keys = Array.from({ length: 300 }, (_, i) => `basket ${Math.floor(i / 3)}`);
    const draws = caseDraws(keys);
    expect(new Set(draws).size).toBe(300);
    const more = caseDraws(['basket -1', ...keys.slice(0, 30), 'basket 9', ...keys.slice(30)]);
    expect([...more.slice(1, 31), ...more.slice(32)]).toEqual(draws);
    expect(draws.filter((draw) => draw < 2 ** 31).length / 300).toBeCloseTo(0.5, 1);
  });
});

/** The candidate in whose share of the sum a number lies. */
function chosenBy(shares: readonly number[], drawn: number): number {
  let left = drawn;
  return shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
}
