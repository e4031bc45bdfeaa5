import { difference, groupBy } from '@basketwise/core';
import { publishedCount } from '@basketwise/data/base';
import { type BootstrapOptions, bootstrap, type Gap, isDifferent, leastResamples, minimumCustomers } from '@basketwise/recommend';
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

/** Paired losses of changes, with their intervals. Changes with the same number of test customers share resamples, which saves most of the time. */
function lossesOf(cases: CampaignCases, { resamples, seed }: BootstrapOptions): Map<Perturbation, Gap> {
  const found = new Map<Perturbation, Gap>();
  if (resamples < leastResamples) return found;
  for (const some of groupBy([...cases], ([, { before }]) => String(before.length))) {
    if (some[0]![1].before.length < minimumCustomers) continue;
    const differences = some.map(([, { before, after }]) => difference(Float64Array.from(before), Float64Array.from(after)));
    const intervals = bootstrap(differences, { resamples, seed });
    for (const [i, [change]] of some.entries()) found.set(change, { ...intervals[i]!, level: !isDifferent(intervals[i]!) });
  }
  return found;
}

/** Publishable losses of NDCG by each change, of campaigns with at least 20 test customers. */
export function publishedLosses(all: ReadonlyMap<string, CampaignCases>, resampling: BootstrapOptions): ValidationFile['losses'] {
  return [...all].flatMap(([campaign, cases]) => {
    const losses = lossesOf(cases, resampling);
    return [...cases].flatMap(([change, { before, changed, otherFirst }]) => {
      if (before.length < minimumCustomers) return [];
      const customers = publishedCount(before.length);
      const lost = losses.get(change);
      return [
        {
          ...{ campaign, change, customers },
          changed: shareOfMiddles(publishedCount(changed), customers),
          otherFirst: shareOfMiddles(publishedCount(otherFirst), customers),
          ndcg: round(before.reduce((sum, value) => sum + value, 0) / before.length),
          lost: lost ? { mean: round(lost.mean), low: round(lost.low), high: round(lost.high), level: lost.level } : null,
        },
      ];
    });
  });
}
