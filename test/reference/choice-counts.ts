import { type ChoiceProblem, type ChoiceSet, exp, log } from '@basketwise/core';

/** Customers who chose from one set and are of one class of features, as numbers. */
interface CountedCell {
  /** Position of their class. */
  context: number;
  /** Candidates that were chosen, and how often. */
  chosen: Uint32Array;
  counts: Float64Array;
  total: number;
}

/** The choices of a problem by set; cells of the same set and levels are one. */
export interface LevelChoices {
  members: number;
  products: number;
  sets: readonly { set: ChoiceSet; cells: readonly CountedCell[] }[];
  /** Levels of each class of features. */
  contexts: readonly (readonly number[])[];
  /** f64[levels x products]: choices by level and product; none where no level counts. */
  taken: Float64Array;
  /** f64[products]. */
  takenOfAll: Float64Array;
}

/** Brings the choices of a problem together. @param isTold levels that divide choices */
export function choiceCounts(problem: ChoiceProblem, isDistinct: (level: number) => boolean): LevelChoices {
  const { members, products } = problem;
  const contexts: number[][] = [];
  const contextOf = new Map<string, number>();
  const allSets = problem.windows.flatMap(({ sets }) => sets);
  const sums = allSets.map(() => new Map<number, Float64Array>());
  let before = 0;
  const cells = problem.windows.flatMap((window) => {
    const from = before;
    before += window.sets.length;
    return window.cells.map((cell) => ({ ...cell, set: cell.set + from }));
  });
  for (const { set, levels, taken } of cells) {
    const known = levels.filter(isDistinct);
    const key = known.join(' ');
    const context = contextOf.get(key) ?? contexts.push(known) - 1;
    contextOf.set(key, context);
    const sum = sums[set]!.get(context);
    if (sum === undefined) sums[set]!.set(context, taken);
    else
      sums[set]!.set(
        context,
        sum.map((count, c) => count + taken[c]!),
      );
  }
  const levels = problem.features.reduce((most, { first, shares }) => Math.max(most, first + shares.length), 0);
  const anyDistinct = problem.features.some(({ first, shares }) => shares.some((_, level) => isDistinct(first + level)));
  const ofLevels = new Float64Array(anyDistinct ? levels * products : 0);
  const ofAll = new Float64Array(products);
  const sets = allSets.flatMap((set, s) => {
    const cells = [...sums[s]!].map(([context, taken]) => countedCell(context, taken));
    for (const { context, chosen, counts } of cells) {
      for (const [i, candidate] of chosen.entries()) {
        const product = set.products[candidate]!;
        ofAll[product]! += counts[i]!;
        for (const level of contexts[context]!) ofLevels[level * products + product]! += counts[i]!;
      }
    }
    return cells.length > 0 ? [{ set, cells }] : [];
  });
  return { members, products, sets, contexts, taken: ofLevels, takenOfAll: ofAll };
}

function countedCell(context: number, taken: Float64Array): CountedCell {
  const chosen = Uint32Array.from(taken.keys()).filter((candidate) => taken[candidate]! > 0);
  const counts = Float64Array.from(chosen, (candidate) => taken[candidate]!);
  return { context, chosen, counts, total: counts.reduce((sum, count) => sum + count, 0) };
}

/** Choices as weights and effects expect them, beside those that were made. */
export interface ExpectedCounts {
  /** Sum over the choices of the logarithm of their probability. */
  logLikelihood: number;
  /** f64[members]: sums over the candidates of (expected - made) x score. */
  ofMembers: Float64Array;
  /** f64[levels x products]; none where no level counts. */
  expected: Float64Array;
  /** f64[products]. */
  expectedOfAll: Float64Array;
}

/** Below this a sum of products of exponentials has lost its digits, and is made of the sums of their arguments. */
const leastSum = 1e-200;

/**
 * Expectations of the choices under weights and effects. As utilities are sums of a part of the set and a part of the class of features,
 *   exp(u_i) = a_i b_i,  a_i = exp(sum of the members' terms of i),  b_i = exp(sum of the effects of the levels on i),
 * exponentials are taken once for each candidate of a set, and once for each product of a class, and cells only multiply and add.
 * @param effects f64[levels x products]; empty: none
 */
export function countsOf(choices: LevelChoices, weights: Float64Array, effects: Float64Array): ExpectedCounts {
  const { members, products, sets, contexts, taken } = choices;
  const parts = contexts.map((levels) => contextPart(levels, effects, products));
  const ofContexts = contexts.map(() => new Float64Array(products));
  const ofMembers = new Float64Array(members);
  const used = [...weights.keys()].filter((k) => weights[k] !== 0);
  let logLikelihood = 0;
  const widest = sets.reduce((most, { set }) => Math.max(most, set.products.length), 0);
  const [utility, a, residual] = [new Float64Array(widest), new Float64Array(widest), new Float64Array(widest)];
  for (const { set, cells } of sets) {
    const { products: candidates, scores } = set;
    const most = utilities(candidates.length, scores, members, weights, used, utility);
    exponentials(candidates.length, utility, most, a);
    residual.fill(0, 0, candidates.length);
    for (const { context, chosen, counts, total } of cells) {
      const { utility: shift, exponential: b } = parts[context]!;
      const sum = productSum(a, b, candidates);
      const own = sum > leastSum ? undefined : exactShares(utility.subarray(0, candidates.length), shift, candidates);
      const logSum = own ? own.logSum - most : log(sum);
      for (const [i, c] of chosen.entries()) {
        logLikelihood += counts[i]! * (utility[c]! - most + shift[candidates[c]!]! - logSum);
        residual[c]! -= counts[i]!;
      }
      if (own) addShares(total, own.share, candidates, residual, ofContexts[context]!);
      else addProducts(total / sum, a, b, candidates, residual, ofContexts[context]!);
    }
    addScores(candidates.length, residual, scores, ofMembers);
  }
  const [expected, expectedOfAll] = [new Float64Array(taken.length), new Float64Array(products)];
  for (const [context, counts] of ofContexts.entries()) {
    for (let product = 0; product < products; product++) {
      expectedOfAll[product]! += counts[product]!;
      if (taken.length === 0) continue;
      for (const level of contexts[context]!) expected[level * products + product]! += counts[product]!;
    }
  }
  return { logLikelihood, ofMembers, expected, expectedOfAll };
}

/** Second derivatives of the log-likelihood along weights, with their sign turned, without effects: f64[members x members]. */
export function curvatureOf({ members, sets }: LevelChoices, weights: Float64Array): Float64Array {
  const curvature = new Float64Array(members * members);
  for (const { set, cells } of sets) {
    const { products, scores } = set;
    const choices = cells.reduce((sum, { total }) => sum + total, 0);
    const utility = new Float64Array(products.length);
    const most = utilities(products.length, scores, members, weights, [...weights.keys()], utility);
    const a = utility.map((value) => exp(value - most));
    const sum = a.reduce((all, value) => all + value, 0);
    const share = a.map((value) => value / sum);
    const mean = new Float64Array(members);
    addScores(products.length, share, scores, mean);
    for (const [c, p] of share.entries()) {
      const off = mean.map((value, k) => scores[c * members + k]! - value);
      for (let m = 0; m < members; m++)
        for (let k = 0; k < members; k++) curvature[m * members + k]! += choices * p * off[m]! * off[k]!;
    }
  }
  return curvature;
}

/** Writes the members' part of the utility of each candidate; gives the greatest. */
function utilities(
  width: number,
  scores: Float64Array,
  members: number,
  weights: Float64Array,
  used: readonly number[],
  utility: Float64Array,
): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0, at = 0; c < width; c++, at += members) {
    let sum = 0;
    for (let i = 0; i < used.length; i++) sum += weights[used[i]!]! * scores[at + used[i]!]!;
    utility[c] = sum;
    if (sum > most) most = sum;
  }
  return most;
}

/** Writes exp(utility - most) of each candidate. */
function exponentials(width: number, utility: Float64Array, most: number, found: Float64Array): void {
  for (let c = 0; c < width; c++) found[c] = exp(utility[c]! - most);
}

/** Sum over the candidates of a x b of their product. */
function productSum(a: Float64Array, b: Float64Array, candidates: Uint32Array): number {
  let sum = 0;
  for (let c = 0; c < candidates.length; c++) sum += a[c]! * b[candidates[c]!]!;
  return sum;
}

/** Adds scale x a x b to each candidate, and to its product. */
function addProducts(
  scale: number,
  a: Float64Array,
  b: Float64Array,
  candidates: Uint32Array,
  ofCandidates: Float64Array,
  ofProducts: Float64Array,
): void {
  for (let c = 0; c < candidates.length; c++) {
    const product = candidates[c]!;
    const expected = scale * a[c]! * b[product]!;
    ofCandidates[c]! += expected;
    ofProducts[product]! += expected;
  }
}

/** Adds total x share to each candidate, and to its product. */
function addShares(
  total: number,
  share: Float64Array,
  candidates: Uint32Array,
  ofCandidates: Float64Array,
  ofProducts: Float64Array,
): void {
  for (const [c, product] of candidates.entries()) {
    ofCandidates[c]! += total * share[c]!;
    ofProducts[product]! += total * share[c]!;
  }
}

/** Adds residual x score of each candidate to each member. */
function addScores(width: number, residual: Float64Array, scores: Float64Array, ofMembers: Float64Array): void {
  const members = ofMembers.length;
  for (let c = 0, at = 0; c < width; c++) {
    const value = residual[c]!;
    for (let k = 0; k < members; k++, at++) ofMembers[k]! += value * scores[at]!;
  }
}

/** The part of utilities that a class of features adds: f64[products], less the greatest; and its exponential. */
function contextPart(
  levels: readonly number[],
  effects: Float64Array,
  products: number,
): { utility: Float64Array; exponential: Float64Array } {
  const utility = new Float64Array(products);
  if (effects.length === 0) return { utility, exponential: utility.map(() => 1) };
  for (const level of levels) for (let i = 0; i < products; i++) utility[i]! += effects[level * products + i]!;
  const most = utility.reduce((found, value) => Math.max(found, value), Number.NEGATIVE_INFINITY);
  for (let i = 0; i < products; i++) utility[i]! -= most;
  return { utility, exponential: utility.map(exp) };
}

/** Shares of the candidates and the logarithm of the sum of their exponentials, where the two parts of utilities point far apart. */
function exactShares(
  utility: Float64Array,
  shift: Float64Array,
  candidates: Uint32Array,
): { share: Float64Array; logSum: number } {
  const whole = utility.map((value, c) => value + shift[candidates[c]!]!);
  const most = whole.reduce((found, value) => Math.max(found, value), Number.NEGATIVE_INFINITY);
  const share = whole.map((value) => exp(value - most));
  const sum = share.reduce((total, value) => total + value, 0);
  for (let c = 0; c < share.length; c++) share[c]! /= sum;
  return { share, logSum: most + log(sum) };
}
