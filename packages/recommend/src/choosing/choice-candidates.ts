import { createRandom, learningWindows, memberCandidates } from '@basketwise/core/parts';

/** Most candidates of a campaign for which every choice set has all candidates. */
export const mostOfAll = 1024;
/**
 * Bytes for the scores of one window's choice sets in a wider campaign, f64[candidates x components]. Fits take as many
 * bytes of kernel memory.
 */
export const windowBytes = 2 ** 27;
/** Most training customers of a window: a dozen weights need fewer than effects of each level on each product. */
export const mostOfBaskets = 2000;
/** Least candidates of a drawn choice set. */
const leastDrawn = 32;

/**
 * Number of candidates of each choice set of a window. A campaign of more than 1,024 products has as many as the budget allows,
 * any other campaign all.
 * @param candidates recommendable products of the campaign
 * @param sets greatest number of choice sets
 * @param members components, with a score of each candidate
 */
export function candidatesOfSets(candidates: number, sets: number, members: number): number {
  const fitting = Math.max(leastDrawn, Math.floor(windowBytes / (8 * members * Math.max(1, sets))));
  return candidates <= mostOfAll ? candidates : Math.min(candidates, fitting);
}

/**
 * Memory of learning the weights of next-purchase models, beside the customers' data and the components.
 * @param candidates recommendable products of the widest campaign
 * @param customers customers of the sample
 * @returns bytes of the choice sets' scores over all windows, in the heap and again in kernel memory. A narrow campaign counts with the
 * budget of a wide one at most, as its baskets repeat.
 */
export function choiceBytes(candidates: number, customers: number): number {
  const members = memberCandidates(candidates, true).length;
  const sets = Math.min(mostOfBaskets, customers);
  return learningWindows * Math.min(windowBytes, 8 * members * sets * candidatesOfSets(candidates, sets, members));
}

/**
 * The columns of a choice set: `target`, and others of `columns` drawn without replacement, ascending. As each set of so many columns is
 * equally likely whichever of its columns is chosen, a conditional logit of such sets estimates the same weights as one of all columns,
 * without a correction (D. McFadden, Modelling the choice of residential location, 1978).
 * @param target one of `columns`; null: all are drawn
 * @param count columns of the set
 */
export function drawnColumns(columns: readonly number[], target: number | null, count: number, seed: number): number[] {
  const others = columns.filter((column) => column !== target);
  const drawn = Math.min(others.length, target === null ? count : count - 1);
  const random = createRandom(seed);
  for (let i = 0; i < drawn; i++) {
    const j = i + Math.floor(random.next() * (others.length - i));
    [others[i], others[j]] = [others[j]!, others[i]!];
  }
  const found = others.slice(0, drawn);
  if (target !== null) found.push(target);
  return found.sort((a, b) => a - b);
}
