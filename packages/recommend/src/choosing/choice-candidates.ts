import { createRandom, learningWindows, memberCandidates } from '@basketwise/core/parts';
import { hash } from '../evaluation/hash.ts';

/** Most candidates of a campaign that is not wide. */
export const mostOfAll = 1024;
/**
 * Bytes for the scores of one window's choice sets, f64[candidates x components]: of a wide campaign, and of any other, whose baskets
 * repeat. Fits take as many bytes of kernel memory, of at most four windows.
 */
export const windowBytes = { wide: 2 ** 27, narrow: 2 ** 29 } as const;
/** Most training customers of a window: a dozen weights need fewer than effects of each level on each product. */
export const mostOfBaskets = 2000;
/** Most training customers of a window if there are features. */
export const mostWithFeatures = 20_000;
/** Least candidates of a drawn choice set. */
const leastDrawn = 32;

/** Numbers of choice sets of a window: distinct baskets if sets have all candidates, else distinct baskets with a purchased product. */
export interface SetCounts {
  baskets: number;
  pairs: number;
}

/** Bytes for the choice sets of a campaign in a window. */
function budgetOf(candidates: number): number {
  return candidates <= mostOfAll ? windowBytes.narrow : windowBytes.wide;
}

/**
 * Number of candidates of each choice set of a window: all if they fit into the budget, else as many as fit.
 * @param candidates recommendable products of the campaign
 * @param members components, with a score of each candidate
 */
export function candidatesOfSets(candidates: number, { baskets, pairs }: SetCounts, members: number): number {
  const budget = budgetOf(candidates);
  if (8 * members * candidates * baskets <= budget) return candidates;
  return Math.min(candidates, Math.max(leastDrawn, Math.floor(budget / (8 * members * Math.max(1, pairs)))));
}

/**
 * Memory of learning the weights of next-purchase models, beside the customers' data and the components.
 * @param candidates recommendable products of the widest campaign
 * @param purchasing customers of the sample who purchase within a window
 * @param hasFeatures whether models rank by features
 * @returns bytes of the choice sets' scores over all windows, in the heap and again in kernel memory
 */
export function choiceBytes(candidates: number, purchasing: number, hasFeatures: boolean): number {
  const members = memberCandidates(candidates, true).length;
  const sets = Math.min(hasFeatures ? mostWithFeatures : mostOfBaskets, Math.ceil(purchasing));
  const own = candidatesOfSets(candidates, { baskets: sets, pairs: sets }, members);
  return learningWindows * 8 * members * sets * own;
}

/**
 * The columns of a choice set: `target`, and others of `columns` drawn without replacement, ascending. As each set of so many columns is
 * equally likely whichever of its columns is chosen, a conditional logit of such sets estimates the same weights as one of all columns,
 * without a correction (D. McFadden, Modelling the choice of residential location, 1978).
 * @param target one of `columns`; null: all are drawn
 * @param count columns of the set
 * @param key of the set. Its hash is the seed, so that other sets do not matter
 */
export function drawnColumns(columns: readonly number[], target: number | null, count: number, key: string): number[] {
  const others = columns.filter((column) => column !== target);
  const drawn = Math.min(others.length, target === null ? count : count - 1);
  const random = createRandom(seedOf(key));
  for (let i = 0; i < drawn; i++) {
    const j = i + Math.floor(random.next() * (others.length - i));
    [others[i], others[j]] = [others[j]!, others[i]!];
  }
  const found = others.slice(0, drawn);
  if (target !== null) found.push(target);
  return found.sort((a, b) => a - b);
}

/** Hash of a text (FNV-1a). */
function seedOf(text: string): number {
  let found = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) found = Math.imul(found ^ text.charCodeAt(i), 0x01000193);
  return found >>> 0;
}

/**
 * Hashes of cases, 0 to 2^32 - 1: of the key, and of the number of the case among those with this key. Cases with other keys do not matter.
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
 * Draws cases until they have `most` classes; all cases if they have no more.
 * @param classes class of each case
 * @param draws of each case (`caseDraws`). The smallest are drawn first
 * @returns positions of the drawn cases, ascending
 */
export function drawnOfClasses(classes: readonly string[], draws: readonly number[], most: number): number[] {
  const first = new Map<string, number>();
  for (const [place, name] of classes.entries()) {
    first.set(name, Math.min(first.get(name) ?? Number.POSITIVE_INFINITY, draws[place]!));
  }
  // The draw that would add one class too many.
  const end = [...first.values()].sort((a, b) => a - b)[most] ?? Number.POSITIVE_INFINITY;
  return [...classes.keys()].filter((place) => draws[place]! < end);
}
