import type { Config } from '@basketwise/pipeline';
import { mostSuppressed } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

/** Bounds of a config's validation. */
export type Bounds = NonNullable<Config['validation']>['bounds'];

type Trigger = ValidationFile['triggers'][number];
type Figures = Omit<ValidationFile, 'triggers'>;
type Found = Pick<Trigger, 'found' | 'where'>;

const inCampaign = (campaign: string | null) => (campaign === null ? '' : `, ${campaign}`);

/** Figures beyond each bound, in the order of the pack; an interval counts only if all of it is beyond. */
const beyond: { readonly [Bound in keyof Bounds]-?: (file: Figures, limit: number) => Found[] } = {
  psi: ({ drift }, limit) =>
    drift.flatMap(({ against, variables }) =>
      variables
        .filter(({ psi, noise }) => psi - noise > limit)
        .map(({ variable, campaign, psi }) => ({ found: psi, where: `${variable}${inCampaign(campaign)}, against ${against}` })),
    ),
  same_first: ({ drift }, limit) =>
    drift.flatMap(({ against, lists }) =>
      lists
        .map(({ campaign, customers, sameFirst }) => ({
          ...{ found: sameFirst ?? mostSuppressed / customers!, where: `${campaign}, against ${against}` },
        }))
        .filter(({ found }) => found < limit),
    ),
  realised: ({ drift }, limit) =>
    drift.flatMap(({ against, realised }) =>
      realised.flatMap(({ campaign, ratio }) =>
        ratio !== null && ratio.high < limit ? [{ found: ratio.value, where: `${campaign}, lists of ${against}` }] : [],
      ),
    ),
  calibration: ({ calibration }, limit) =>
    calibration.flatMap(({ campaign, by, groups }) =>
      groups.flatMap(({ label, ratio, most }) =>
        (ratio !== null && ratio.low > limit) || (most !== null && most < 1 / limit)
          ? [{ found: ratio?.value ?? most!, where: `${by === label ? by : `${by} ${label}`}, ${campaign}` }]
          : [],
      ),
    ),
  exposure: ({ exposure }, limit) =>
    exposure.flatMap(({ column, campaign, groups }) =>
      groups.flatMap(({ group, ratio, most }) =>
        most !== null && most < limit ? [{ found: ratio?.value ?? most, where: `${column} ${group}, ${campaign}` }] : [],
      ),
    ),
  weak_slices: ({ slices }, limit) => (slices.weak.length > limit ? [{ found: slices.weak.length, where: 'all campaigns' }] : []),
  gain: ({ quality }, limit) =>
    quality.flatMap(({ campaign, gain }) => (gain !== null && gain.high < limit ? [{ found: gain.mean, where: campaign }] : [])),
  changed_lists: ({ robustness }, limit) =>
    robustness.flatMap(({ campaign, changed }) =>
      changed !== null && changed > limit ? [{ found: changed, where: campaign }] : [],
    ),
  lost_ndcg: ({ robustness }, limit) =>
    robustness.flatMap(({ campaign, lost }) => (lost !== null && lost > limit ? [{ found: lost, where: campaign }] : [])),
};

/** All figures of a pack beyond the bounds of its config, by bound. */
export function triggersOf(file: Figures, bounds: Bounds): Trigger[] {
  return (Object.keys(beyond) as (keyof Bounds)[]).flatMap((bound) => {
    const limit = bounds[bound];
    return limit === undefined ? [] : beyond[bound](file, limit).map((found) => ({ bound, limit, ...found }));
  });
}
