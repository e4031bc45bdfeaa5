/** Round of a search: its most trials, and the cost of each as a share of a whole trial. */
export interface Rung {
  trials: number;
  /** Share of the test customers, and of the sweeps of iterative models: above 0, at most 1. */
  share: number;
}

/** Fewest test customers of a round. With fewer, trials would be dropped by chance. */
const fewestTested = 100;
/** Fewest sweeps of a shortened model. */
export const leastSweeps = 3;

/**
 * Rounds of successive halving (Jamieson and Talwalkar 2016). The first round has all trials on a small share.
 * Each next round has the best 1 / `reduction` of them, on a share `reduction` times as large, up to whole trials.
 * There are as many rounds as trials and test customers allow.
 */
export function rungsOf(trials: number, tested: number, reduction: number): Rung[] {
  const shares = [1];
  let left = trials;
  while (left > reduction && (shares[0]! / reduction) * tested >= fewestTested) {
    shares.unshift(shares[0]! / reduction);
    left = Math.ceil(left / reduction);
  }
  return shares.map((share, round) => ({ share, trials: Math.ceil(trials / reduction ** round) }));
}
