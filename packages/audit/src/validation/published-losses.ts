import { publishedCount } from '@basketwise/data/published';
import { type BootstrapOptions, gapBetween, minimumCustomers } from '@basketwise/recommend';
import type { PerturbedCases, WindowRobustness } from './lost-holdings.ts';
import type { Perturbation } from './perturbations.ts';
import { shareOfMiddles } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

/** Results of a campaign's robustness tests over its windows. */
export type CampaignCases = Map<Perturbation, PerturbedCases>;

/** Adds the results of a window to those of earlier calls. */
export function addCases(known: CampaignCases = new Map(), cases: WindowRobustness['cases']): CampaignCases {
  for (const [change, { before, after, changed, otherFirst }] of cases) {
    const own = known.get(change) ?? { before: [], after: [], changed: 0, otherFirst: 0 };
    known.set(change, {
      before: [...own.before, ...before],
      after: [...own.after, ...after],
      changed: own.changed + changed,
      otherFirst: own.otherFirst + otherFirst,
    });
  }
  return known;
}

/** Rounds a figure to four decimals. */
const round = (value: number) => Number(value.toFixed(4));

/** Publishable losses of NDCG by each change, of campaigns with at least 20 test customers. */
export function publishedLosses(all: ReadonlyMap<string, CampaignCases>, resampling: BootstrapOptions): ValidationFile['losses'] {
  return [...all].flatMap(([campaign, cases]) =>
    [...cases].flatMap(([change, { before, after, changed, otherFirst }]) => {
      if (before.length < minimumCustomers) return [];
      const customers = publishedCount(before.length);
      const lost = gapBetween(Float64Array.from(before), Float64Array.from(after), resampling);
      return [
        {
          ...{ campaign, change, customers },
          changed: shareOfMiddles(publishedCount(changed), customers),
          otherFirst: shareOfMiddles(publishedCount(otherFirst), customers),
          ndcg: round(before.reduce((sum, value) => sum + value, 0) / before.length),
          lost: lost && { mean: round(lost.mean), low: round(lost.low), high: round(lost.high), level: lost.level },
        },
      ];
    }),
  );
}
