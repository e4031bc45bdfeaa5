import { createRandom } from '@basketwise/core/parts';

/** Up to so many candidates of a campaign, every choice set has all of them. */
export const mostOfAll = 1024;
/** Bytes of the scores of one window's choice sets in a wider campaign, f64[candidates x components]; fits take as much of kernel memory. */
export const windowBytes = 2 ** 27;
/** Least candidates of a drawn choice set. */
const leastDrawn = 32;

/**
 * Candidates of each choice set of a window: all of them, or as many as the budget allows in a campaign of more than 1,024 products.
 * @param candidates recommendable products of the campaign
 * @param sets greatest number of choice sets
 * @param members components, with a score of each candidate
 */
export function candidatesOfSets(candidates: number, sets: number, members: number): number {
  const fitting = Math.max(leastDrawn, Math.floor(windowBytes / (8 * members * Math.max(1, sets))));
  return candidates <= mostOfAll ? candidates : Math.min(candidates, fitting);
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
