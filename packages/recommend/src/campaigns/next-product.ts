import { type BasketTable, exp, type KernelPool, log, required } from '@basketwise/core';
import type { CampaignTable } from './baskets.ts';
import { type Calibration, logistic, poolRising } from './calibration.ts';
import type { ScoredLists } from './lists.ts';
import { logOfScore, softmaxLogSums } from './softmax-log-sums.ts';
import type { CampaignModels } from './train.ts';

/**
 * Calibration for holdings without dates (docs/method.md). The probability that the customer's next product is candidate j is P = s exp(u_j) /
 * sum of exp(u_k). The sum is over the candidates k that the customer does not hold. u is a candidate's utility. s is `share`, the probability that
 * the next product is any of the candidates.
 */
export interface NextProduct {
  share: CampaignShare;
  /** Slopes of a utility's terms (see `utilityTerms`), each at least 0. */
  slopes: readonly number[];
  /** Constant that is added to a score before its logarithm. */
  offset: number;
  /** Number of holders of each candidate, by group key. They are the weights of backfill entries, which have no score of a model. */
  holders: Readonly<Record<string, number>>;
}

/**
 * Probability that a customer's next product is any candidate of the campaign: logistic(level + sum of the effects of the products in the basket).
 */
export interface CampaignShare {
  level: number;
  /** Effect of each held product on the log odds, by group key. */
  effects: Readonly<Record<string, number>>;
}

/** Whether a calibration is of the next product, rather than of purchases within a window. */
export function isNextProduct<Own extends NextProduct>(calibration: Calibration | Own): calibration is Own {
  return 'holders' in calibration;
}

/**
 * Terms of a candidate's utility: its score, the log of its score plus an offset, and minus the log of its rank. No term rises as the rank number grows.
 */
export function utilityTerms(score: number, rank: number, offset: number): [number, number, number] {
  return [score, logOfScore(score, offset), -log(rank)];
}

/** Resources for scoring all candidates. */
interface ScoringResources {
  pool: KernelPool;
  signal?: AbortSignal | undefined;
}

/**
 * Probability of each entry of a campaign's lists. Probabilities do not rise from one entry to the next, within the model's entries and within the
 * backfill.
 */
export async function nextProductProbabilities(
  { pool, signal }: ScoringResources,
  campaign: CampaignTable,
  models: CampaignModels,
  lists: ScoredLists,
  { slopes, offset, share, holders }: NextProduct,
): Promise<Float32Array> {
  const { start, source, score, product } = lists;
  const probabilities = new Float32Array(product.length);
  const { logSums, utilityOf } = await softmaxLogSums({ pool, signal, campaign, models, lists, slopes, offset });
  const popular = new PopularShares(campaign, holders);
  const { table, columns } = campaign;
  const effectsOf = heldSums(
    table,
    Float64Array.from(table.columns, (key, column) => (column < columns.keys.length ? (share.effects[key] ?? 0) : 0)),
  );
  for (const [row, logSum] of logSums.entries()) {
    const [from, to] = [start[row]!, start[row + 1]!];
    if (from === to) continue;
    const ofRow = logistic(share.level + effectsOf(row));
    const remaining = source[to - 1] === 0 ? 0 : popular.remaining(row);
    for (let at = from; at < to; at++) {
      const part =
        source[at] === 0 ? exp(utilityOf(score[at]!, at - from + 1) - logSum) : popular.weightOf(product[at]!) / remaining;
      probabilities[at] = ofRow * part;
    }
  }
  poolRising(probabilities, lists);
  return probabilities;
}

/** Weight of a product that has no holders, in customers. */
const leastHolders = 0.5;

/**
 * Returns a function from a row to the sum of `values` (f64[columns]) over the columns in the row's basket. The function is valid until kernel memory
 * is allocated.
 */
function heldSums({ memory, start, rows, entry, entries }: BasketTable, values: Float64Array): (row: number) => number {
  const [starts, packed] = [memory.u32(start, rows + 1), memory.u32(entry, entries)];
  return (row) => {
    let sum = 0;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += values[packed[at]! >>> 8]!;
    return sum;
  };
}

/** Weights of the candidates in backfill: their numbers of holders. Valid until kernel memory is allocated. */
class PopularShares {
  /** Weight of each column, f64[columns]. 0 for columns that cannot be recommended. */
  readonly #weight: Float64Array;
  readonly #columnOf = new Map<number, number>();
  readonly #total: number;
  readonly #held: (row: number) => number;

  /** @param holders number of customers who hold a product, by group key */
  constructor({ table, columns }: CampaignTable, holders: Readonly<Record<string, number>>) {
    this.#weight = Float64Array.from(table.columns, (key, column) => {
      const product = columns.recommended.get(key);
      if (product === undefined) return 0;
      this.#columnOf.set(product, column);
      return Math.max(leastHolders, holders[key] ?? 0);
    });
    this.#total = this.#weight.reduce((sum, weight) => sum + weight, 0);
    this.#held = heldSums(table, this.#weight);
  }

  /** Weight of a product: its number of holders, at least `leastHolders`. */
  weightOf(product: number): number {
    return this.#weight[required(this.#columnOf, product)]!;
  }

  /** Sum of the weights of the candidates that a row's customers do not hold. */
  remaining(row: number): number {
    return this.#total - this.#held(row);
  }
}
