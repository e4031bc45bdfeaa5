import { mean } from '@basketwise/core/parts';
import type { CampaignShare } from '../campaigns/next-product.ts';
import { levelFor, logOdds } from './fit-calibration.ts';
import { fitSlopes, type ScoredChoice } from './fit-slopes.ts';

/** Targets with a product held out: those whose product is a candidate of the campaign, and the others. */
export interface ShareCases {
  /** L of those with lists of the model (see `CampaignShare`), f64 each. Zeros: the same share for all. */
  taken: Float64Array;
  others: Float64Array;
  /** L of the same targets with the published model, which is learned from more data than theirs. */
  published: Float64Array;
  /** Numbers of those with lists by popularity. */
  popular: { taken: number; others: number };
}

/** Priors: the slope is near 0, unless customers show otherwise. The level is free. */
const slopePrior = { mean: 0, spread: 1 };
const levelSpread = 3;
/** Weight of the share of all in the share of customers with lists by popularity, in customers. */
const popularPrior = 20;

/**
 * Fits the share of a campaign: the slope by a logistic regression with a normal prior, then the level so that the probabilities of all cases with
 * the published model add up to the share of all customers.
 * @param share of all targets, above 0 and below 1
 */
export function fitShare({ taken, others, published, popular }: ShareCases, share: number): CampaignShare {
  const ofPopular = popular.taken + popular.others;
  const byPopularity = (popular.taken + popularPrior * share) / (ofPopular + popularPrior);
  const [cases, start] = [published.length, logOdds(share)];
  if (cases === 0) return { level: start, slope: 0, popular: byPopularity };
  const slope = slopeOf(centred(Float64Array.from([...taken, ...others])), taken.length, start);
  const wanted = share * (cases + ofPopular) - byPopularity * ofPopular;
  const bounded = Math.min(cases - 0.5, Math.max(0.5, wanted));
  const rows = { terms: centred(published), pairs: new Float64Array(cases).fill(1) };
  const level = levelFor(rows, { intercept: start, slopes: [slope] }, bounded) - slope * mean(published);
  return { level, slope, popular: byPopularity };
}

function centred(values: Float64Array): Float64Array {
  const centre = mean(values);
  return values.map((value) => value - centre);
}

/** Slope of a logistic regression, at least 0. @param taken number of leading cases whose product is a candidate */
function slopeOf(terms: Float64Array, taken: number, level: number): number {
  if (terms.every((term) => term === 0)) return 0;
  const choices = Array.from(terms, (term, at): ScoredChoice => {
    return { terms: Float64Array.of(term, 1, 0, 0), taken: at < taken ? 0 : 1 };
  });
  return fitSlopes(choices, [slopePrior, { mean: level, spread: levelSpread }], 1)[0]!;
}
