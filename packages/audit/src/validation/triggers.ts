import type { Config } from '@basketwise/pipeline';
import { groupsBeyond, judgedGroups } from './calibration-verdict.ts';
import { mostSuppressed } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';
import { labelWords } from './validation-text.ts';
import { purchasedName } from './window-drift.ts';

/** Limits under `validation.bounds` of a config. */
export type Bounds = NonNullable<Config['validation']>['bounds'];

type Trigger = ValidationFile['triggers'][number];
type Figures = Omit<ValidationFile, 'triggers' | 'bounds'>;
/** Figure of a validation pack, and whether it is beyond the limit of a bound. */
interface Judged {
  found: number;
  where: string;
  isBeyond: boolean;
}

/**
 * Figures that each bound judges, in the order of the pack. A figure with an interval is beyond a limit only if the whole interval is. Ratios of
 * calibration have a test of their own, because a pack has hundreds.
 */
const judged: { readonly [Bound in keyof Bounds]-?: (file: Figures, limit: number) => Judged[] } = {
  psi: ({ drift, since }, limit) => {
    const ofCustomers = since?.variables.filter(({ variable }) => variable !== purchasedName) ?? [];
    const all = [...drift, ...(since === null ? [] : [{ against: since.at, variables: ofCustomers }])];
    return all.flatMap(({ against, variables }) =>
      variables.flatMap(({ variable, psi, noise }) =>
        noise === null ? [] : [{ found: psi, where: `${variable}, against ${against}`, isBeyond: psi - noise > limit }],
      ),
    );
  },
  psi_lists: ({ drift }, limit) =>
    drift.flatMap(({ against, variables }) =>
      variables.flatMap(({ variable, campaign, psi, noise }) =>
        noise === null ? [{ found: psi, where: `${variable}, ${campaign}, against ${against}`, isBeyond: psi > limit }] : [],
      ),
    ),
  same_first: ({ drift }, limit) =>
    drift.flatMap(({ against, lists }) =>
      lists.map(({ campaign, customers, sameFirst }) => {
        const found = sameFirst ?? mostSuppressed / customers!;
        return { found, where: `${campaign}, against ${against}`, isBeyond: found < limit };
      }),
    ),
  realised: ({ drift }, limit) =>
    drift.flatMap(({ against, realised }) =>
      realised.flatMap(({ campaign, ratio }) =>
        ratio === null ? [] : [{ found: ratio.value, where: `${campaign}, lists of ${against}`, isBeyond: ratio.high < limit }],
      ),
    ),
  calibration: ({ calibration, products }, limit) => {
    const beyond = groupsBeyond(calibration, limit);
    return judgedGroups(calibration).map(({ campaign, by, group }) => {
      const { label, ratio, least, most } = group;
      const place = by === label ? by : `${by} ${labelWords({ products }, by, label)}`;
      return { found: (ratio?.value ?? least ?? most)!, where: `${place}, ${campaign}`, isBeyond: beyond.has(group) };
    });
  },
  exposure: ({ exposure }, limit) =>
    exposure.flatMap(({ column, campaign, groups }) =>
      groups.flatMap(({ group, ratio, most }) =>
        most === null ? [] : [{ found: ratio?.value ?? most, where: `${column} ${group}, ${campaign}`, isBeyond: most < limit }],
      ),
    ),
  weak_slices: ({ slices: { tests, weak, compared } }, limit) => {
    const calibrated = new Set(compared.flatMap(({ campaign, measure }) => (measure === 'calibration' ? [campaign] : [])));
    const found = weak.filter(({ campaign, measure }) => measure === 'calibration' || !calibrated.has(campaign)).length;
    return tests === 0 ? [] : [{ found, where: 'all campaigns', isBeyond: found > limit }];
  },
  gain: ({ quality }, limit) =>
    quality.flatMap(({ campaign, gain }) =>
      gain === null ? [] : [{ found: gain.mean, where: campaign, isBeyond: gain.high < limit }],
    ),
  changed_lists: ({ robustness }, limit) =>
    robustness.flatMap(({ campaign, changed }) =>
      changed === null ? [] : [{ found: changed, where: campaign, isBeyond: changed > limit }],
    ),
  lost_ndcg: ({ losses }, limit) =>
    losses.flatMap(({ campaign, change, lost }) =>
      lost === null ? [] : [{ found: lost.mean, where: `${campaign}, ${change}`, isBeyond: lost.low > limit }],
    ),
};

/**
 * Condition under which a figure is beyond each bound, as `judged` decides.
 * @param ratio words for the ratio of calibration, such as `purchases / expected`
 */
export function boundWords(ratio: string): Readonly<Record<keyof Bounds, string>> {
  return {
    psi: 'the index of a feature or of products held, less its noise, is above the limit',
    psi_lists: 'the index of first recommendations, or of their probabilities, is above the limit',
    same_first: 'the share of customers with the same first product as in an earlier run is below the limit',
    realised: 'NDCG of earlier lists over that of the newest test window: the upper end of the interval is below the limit',
    calibration: `${ratio} of any group is above the limit, or below 1 / limit, and this is no chance: of all such groups at most 5 % are false on average`,
    exposure: 'ratio to the largest group: the upper end of the interval is below the limit',
    weak_slices:
      'the number of weak slices of the newest window, in all campaigns together, is above the limit. Slices are counted by calibration; by NDCG only in campaigns without tests of calibration, because customers can also be harder to predict than others',
    gain: 'NDCG minus the best popularity list: the upper end of the interval is below the limit',
    changed_lists: 'the share of lists changed by a lost product is above the limit',
    lost_ndcg:
      'the loss in NDCG by wrong inputs, or by one learning window less: the lower end of the interval is above the limit',
  };
}

/** Each bound of a config, with the figures that it judges. */
function judgedBounds(file: Figures, bounds: Bounds) {
  return (Object.keys(judged) as (keyof Bounds)[]).flatMap((bound) => {
    const limit = bounds[bound];
    return limit === undefined ? [] : [{ bound, limit, figures: judged[bound](file, limit) }];
  });
}

/** Triggers: all figures of a validation pack that are beyond the bounds of its config, in the order of the bounds. */
export function triggersOf(file: Figures, bounds: Bounds): Trigger[] {
  return judgedBounds(file, bounds).flatMap(({ bound, limit, figures }) =>
    figures.flatMap(({ isBeyond, ...found }) => (isBeyond ? [{ bound, limit, ...found }] : [])),
  );
}

/** Trigger for the day of the next review if that day is before the reference date of the run; otherwise empty. */
export function overdueReview({ nextReview, referenceDate, run }: ValidationFile['inventory']): Trigger[] {
  if (nextReview === null || nextReview >= referenceDate) return [];
  return [{ bound: 'next_review', limit: nextReview, found: referenceDate, where: `run ${run}` }];
}

/** Each bound of a config, with the number of figures that it judges and the number of those beyond it. */
export function boundsOf(file: Figures, bounds: Bounds): ValidationFile['bounds'] {
  return judgedBounds(file, bounds).map(({ bound, limit, figures }) => {
    return { bound, limit, figures: figures.length, beyond: figures.filter(({ isBeyond }) => isBeyond).length };
  });
}
