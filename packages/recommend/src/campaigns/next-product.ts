import { exp, type KernelPool, log, scaled } from '@basketwise/core/parts';
import type { CampaignTable } from './baskets.ts';
import { type Calibration, logistic, poolRising } from './calibration.ts';
import type { ScoredLists } from './lists.ts';
import { heldSums, PopularShares } from './popular-shares.ts';
import { softmaxLogSums } from './softmax-log-sums.ts';
import type { CampaignModels } from './train.ts';

/**
 * Map from the scores of lists to the probabilities that the next product of the customer is this one, for holdings without dates
 * (docs/probabilities.md): share x exp(utility) over its sum over the candidates that the customer does not hold.
 */
export interface NextProduct {
  share: CampaignShare;
  /** Slopes of the terms of a utility (see `utilityTerms`), each at least 0. */
  slopes: readonly number[];
  /** Customers who hold a candidate, by group key: the weights in lists by popularity, which have no scores. */
  holders: Readonly<Record<string, number>>;
}

/**
 * Probability that the next product of a customer is a candidate of the campaign: logistic(level + sum of the effects of the products held in the
 * campaign's columns).
 */
export interface CampaignShare {
  level: number;
  /** Effect on the log odds of each product, by group key. */
  effects: Readonly<Record<string, number>>;
}

/** Whether a calibration is of the next product, not of purchases within a window. */
export function isNextProduct<Own extends NextProduct>(calibration: Calibration | Own): calibration is Own {
  return 'holders' in calibration;
}

/** Terms of a candidate's utility: its score, the log of its score as a share, and the negative log of its rank. None rises with the rank. */
export function utilityTerms(score: number, rank: number): [number, number, number] {
  return [score, scaled(score, 'log'), -log(rank)];
}

/** Resources for scores of all candidates. */
interface ScoringResources {
  pool: KernelPool;
  signal?: AbortSignal | undefined;
}

/** Probabilities of all entries of a campaign's lists. Within a list none is larger at a higher rank number; the model's entries and backfill are apart. */
export async function nextProductProbabilities(
  { pool, signal }: ScoringResources,
  campaign: CampaignTable,
  models: CampaignModels,
  lists: ScoredLists,
  { slopes, share, holders }: NextProduct,
): Promise<Float32Array> {
  const { start, source, score, product } = lists;
  const found = new Float32Array(product.length);
  const { logSums, utilityOf } = await softmaxLogSums({ pool, signal, campaign, models, lists, slopes });
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
      found[at] = ofRow * part;
    }
  }
  poolRising(found, lists);
  return found;
}
