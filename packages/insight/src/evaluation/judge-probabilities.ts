import { log } from '@basketwise/core';

/** Mean probability and share of purchases in one tenth of the recommendations. The tenths are ordered by probability. */
interface ReliabilityLine {
  pairs: number;
  predicted: number;
  /** Share that was purchased. Null in published results if there were too few purchases. */
  observed: number | null;
}

/** How well the probabilities as of a date agree with the purchases in the window after it. */
export interface ProbabilityQuality {
  /** Number of recommendations, of purchases, and of expected purchases (the sum of the probabilities). */
  pairs: number;
  bought: number;
  expected: number;
  /**
   * Brier score: mean of (probability - purchased)^2 with purchased = 0 or 1. `brierOfRate` is the score of a constant probability,
   * the share of all recommendations that were purchased.
   */
  brier: number;
  brierOfRate: number;
  reliability: readonly ReliabilityLine[];
}

/** Step of the log odds at which the recommendations are divided into tenths. */
const probabilityStep = 0.01;

/** Collects probabilities and purchases. Collectors can be added to each other. */
export class ProbabilityJudge {
  readonly #bins = new Map<number, { pairs: number; bought: number; expected: number }>();
  #squares = 0;

  add(probability: number, pairs: number, bought: number): void {
    this.#squares += bought * (1 - 2 * probability) + pairs * probability * probability;
    this.#bin(Math.round(log(probability / (1 - probability)) / probabilityStep), pairs, bought, probability * pairs);
  }

  addAll(other: ProbabilityJudge): void {
    this.#squares += other.#squares;
    for (const [bin, { pairs, bought, expected }] of other.#bins) this.#bin(bin, pairs, bought, expected);
  }

  /** Quality of the collected probabilities. Null if there are none. */
  quality(): ProbabilityQuality | null {
    const bins = [...this.#bins].sort(([a], [b]) => a - b).map(([, bin]) => bin);
    const sum = (of: 'pairs' | 'bought' | 'expected') => bins.reduce((total, bin) => total + bin[of], 0);
    const [pairs, bought, expected] = [sum('pairs'), sum('bought'), sum('expected')];
    if (pairs === 0) return null;
    const rate = bought / pairs;
    const lines = Array.from({ length: 10 }, () => ({ pairs: 0, predicted: 0, observed: 0 }));
    let seen = 0;
    for (const bin of bins) {
      const line = lines[Math.min(9, Math.floor((10 * (seen + bin.pairs / 2)) / pairs))]!;
      line.pairs += bin.pairs;
      line.predicted += bin.expected;
      line.observed += bin.bought;
      seen += bin.pairs;
    }
    const reliability = lines
      .filter((line) => line.pairs > 0)
      .map((line) => ({ pairs: line.pairs, predicted: line.predicted / line.pairs, observed: line.observed / line.pairs }));
    return { pairs, bought, expected, brier: this.#squares / pairs, brierOfRate: rate * (1 - rate), reliability };
  }

  #bin(bin: number, pairs: number, bought: number, expected: number): void {
    const known = this.#bins.get(bin);
    if (known === undefined) this.#bins.set(bin, { pairs, bought, expected });
    else {
      known.pairs += pairs;
      known.bought += bought;
      known.expected += expected;
    }
  }
}
