import { createRandom, learningWindows, memberCandidates } from '@basketwise/core';
import { hash } from '../evaluation/hash.ts';

/** Maximum number of candidates of a narrow campaign. A campaign with more candidates is wide. */
export const mostOfAll = 1024;
/**
 * Maximum bytes for the scores of one window's choice sets, f64[candidates x components] per set. Narrow campaigns may use more, because equal
 * baskets share a set. A fit needs the same number of bytes in kernel memory for each of up to four windows.
 */
export const windowBytes = { wide: 2 ** 27, narrow: 2 ** 29 } as const;
/**
 * Maximum number of training customers in a window without features. About a dozen component weights need fewer customers than an effect of each
 * level on each product.
 */
export const mostOfBaskets = 2000;
/** Maximum number of training customers in a window with features. */
export const mostWithFeatures = 20_000;
/** Minimum number of candidates in a choice set that is drawn at random. */
const leastDrawn = 32;

/**
 * Numbers of choice sets in a window. `baskets`: sets with all candidates, one per distinct basket. `pairs`: sets with drawn candidates, one per
 * distinct basket and purchased product.
 */
export interface SetCounts {
  baskets: number;
  pairs: number;
}

/** Maximum bytes for the choice sets of a campaign in a window. */
function budgetOf(candidates: number): number {
  return candidates <= mostOfAll ? windowBytes.narrow : windowBytes.wide;
}

/**
 * Number of candidates in each choice set of a window: all candidates if their scores fit into the budget, otherwise the largest number that fits.
 * @param candidates number of recommendable products of the campaign
 * @param members number of components, each with a score per candidate
 */
export function candidatesOfSets(candidates: number, { baskets, pairs }: SetCounts, members: number): number {
  const budget = budgetOf(candidates);
  if (8 * members * candidates * baskets <= budget) return candidates;
  return Math.min(candidates, Math.max(leastDrawn, Math.floor(budget / (8 * members * Math.max(1, pairs)))));
}

/**
 * Memory for learning the weights of next-purchase models, without the customers' data and the components.
 * @param candidates number of recommendable products of the widest campaign
 * @param purchasing number of sampled customers who purchase within a window
 * @param hasFeatures whether models rank by features
 * @returns bytes of the choice sets' scores over all windows. The heap and kernel memory each need this number
 */
export function choiceBytes(candidates: number, purchasing: number, hasFeatures: boolean): number {
  const members = memberCandidates(candidates, true).length;
  const sets = Math.min(hasFeatures ? mostWithFeatures : mostOfBaskets, Math.ceil(purchasing));
  const perSet = candidatesOfSets(candidates, { baskets: sets, pairs: sets }, members);
  return learningWindows * 8 * members * sets * perSet;
}

/**
 * Draws the columns of a choice set: `target`, and other elements of `columns` without replacement, ascending. A set has the same probability,
 * whichever of its columns is the target. Therefore a conditional logit on drawn sets estimates the same weights as on all columns, without a
 * correction (D. McFadden, Modelling the choice of residential location, 1978).
 * @param target purchased column, an element of `columns`. Null: all columns are drawn at random
 * @param count number of columns in the set
 * @param key identifies the set. Its hash is the seed, so that a draw does not depend on other sets
 */
export function drawnColumns(columns: readonly number[], target: number | null, count: number, key: string): number[] {
  const others = columns.filter((column) => column !== target);
  const drawn = Math.min(others.length, target === null ? count : count - 1);
  const random = createRandom(seedOf(key));
  for (let i = 0; i < drawn; i++) {
    const j = i + Math.floor(random.next() * (others.length - i));
    [others[i], others[j]] = [others[j]!, others[i]!];
  }
  const chosen = others.slice(0, drawn);
  if (target !== null) chosen.push(target);
  return chosen.sort((a, b) => a - b);
}

/** FNV-1a hash of a text, 0 to 2^32 - 1. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * Hashes of cases, 0 to 2^32 - 1. The hash of a case depends on its key and on its position among the cases with an equal key. Cases with other keys
 * do not change it.
 */
export function caseDraws(keys: readonly string[]): number[] {
  const counts = new Map<string, number>();
  return keys.map((key) => {
    const number = counts.get(key) ?? 0;
    counts.set(key, number + 1);
    return hash(number, seedOf(key));
  });
}

/**
 * Draws cases until the drawn cases have `most` different classes. If there are at most `most` classes, all cases are drawn.
 * @param classes class of each case
 * @param draws random number of each case (`caseDraws`). Cases with the smallest numbers are drawn first
 * @returns positions of the drawn cases, ascending
 */
export function drawnOfClasses(classes: readonly string[], draws: readonly number[], most: number): number[] {
  const first = new Map<string, number>();
  for (const [place, name] of classes.entries()) {
    first.set(name, Math.min(first.get(name) ?? Number.POSITIVE_INFINITY, draws[place]!));
  }
  // Smallest draw of the first class beyond the limit. Only cases with smaller draws are returned.
  const end = [...first.values()].sort((a, b) => a - b)[most] ?? Number.POSITIVE_INFINITY;
  return [...classes.keys()].filter((place) => draws[place]! < end);
}
