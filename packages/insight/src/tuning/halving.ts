/** A round of a search: how many trials it can take at most, and the share of a whole trial that each of them costs. */
export interface Rung {
  trials: number;
  /** Share of the test customers, and of the sweeps of models that are fitted in sweeps: above 0, at most 1. */
  share: number;
}

/** Test customers that a round has at least: fewer would drop trials by chance. */
const leastCustomers = 100;
/** Sweeps that a shortened model has at least. */
export const leastSweeps = 3;

/**
 * The rounds of successive halving (Jamieson and Talwalkar 2016): all trials on a small share, then each time the best one in `reduction`
 * on a share that is `reduction` times as large, up to whole trials; as many rounds as trials and test customers allow.
 */
export function rungsOf(trials: number, tested: number, reduction: number): Rung[] {
  const shares = [1];
  let left = trials;
  while (left > reduction && (shares[0]! / reduction) * tested >= leastCustomers) {
    shares.unshift(shares[0]! / reduction);
    left = Math.ceil(left / reduction);
  }
  return shares.map((share, round) => ({ share, trials: Math.ceil(trials / reduction ** round) }));
}
