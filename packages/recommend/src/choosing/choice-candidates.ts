import { createRandom } from '@basketwise/core/parts';

/** Most candidates of a campaign for which every choice set has all candidates. */
export const mostOfAll = 1024;
/**
 * Bytes for the scores of one window's choice sets in a wider campaign, f64[candidates x components]. Fits take as many
 * bytes of kernel memory.
 */
export const windowBytes = 2 ** 27;
/** Fewest candidates of a drawn choice set. */
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
 * Columns of a choice set: `target`, and others of `columns` drawn without replacement, ascending.
 * A set is equally likely with each of its columns as target. So a conditional logit of these sets estimates the same weights as one
 * of all columns, without a correction (D. McFadden, Modelling the choice of residential location, 1978).
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
