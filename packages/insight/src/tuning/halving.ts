/** Round of a search: the largest number of its trials, and the cost of a trial as a share of the cost of a whole trial. */
export interface Rung {
  trials: number;
  /** Share of the test customers, and of the sweeps of iterative models, that a trial uses: above 0, at most 1. */
  share: number;
}

/** Smallest number of test customers of a round. With fewer, chance would decide which trials are dropped. */
const fewestTested = 100;
/** Smallest number of sweeps of a shortened fit. */
export const leastSweeps = 3;

/**
 * Rounds of successive halving (Jamieson and Talwalkar 2016). In the first round, all trials use a small share of the customers
 * and sweeps. Each next round has the best 1 / `reduction` of the trials, with a share `reduction` times as large. The trials of
 * the last round are whole. The number of trials and of test customers limits the number of rounds.
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
