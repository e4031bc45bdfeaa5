import type { Bounds } from './triggers.ts';

/**
 * Condition under which a figure is beyond each bound, as `triggersOf` decides.
 * @param ratio words for the ratio of calibration, such as `purchases / expected`
 */
export function boundWords(ratio: string): Readonly<Record<keyof Bounds, string>> {
  return {
    psi: 'the index of a property of customers, less its noise, is above the limit',
    psi_lists: 'the index of first recommendations, or of their probabilities, is above the limit',
    same_first: 'the share of customers with the same first product as in an earlier run is below the limit',
    realised: 'NDCG of earlier lists over that of the test windows: the upper end of the interval is below the limit',
    calibration: `${ratio} of any group: the lower end of the interval is above the limit, or the upper end is below 1 / limit`,
    exposure: 'ratio to the largest group: the upper end of the interval is below the limit',
    weak_slices: 'the number of weak slices in all campaigns together is above the limit',
    gain: 'NDCG minus the best popularity list: the upper end of the interval is below the limit',
    changed_lists: 'the share of lists changed by a lost product is above the limit',
    lost_ndcg: 'the loss in NDCG by a lost product is above the limit',
  };
}
