import { defineKind } from './kind.ts';
import { acquisitionsWithin } from './learning-data.ts';
import { prior, within } from './parameters.ts';

export const popularity = defineKind({
  kind: 'popularity',
  about: 'the same list for all, or for all of a recency band',
  parameters: {
    /** Things that are counted as popularity. */
    of: { is: 'one of', of: ['holders', 'recent', 'upsell'], usual: 'holders' },
    /** Own counts for each recency band of the newest holding. */
    by: { is: 'one of', of: ['recency'] },
    prior: { ...prior, with: 'by' },
    within,
    /** Counts acquisitions per time on sale: what began to be sold within the months is not behind for it. */
    perTimeOnSale: { is: 'flag', usual: false, quiet: true },
  },
  part: 'base',
  blendScale: 'log',
  async fit(data, { of, by, prior = 10, within = 12, perTimeOnSale }) {
    const training = of === 'holders' ? data.holdings : acquisitionsWithin('popularity', data, within);
    const parts = perTimeOnSale && of !== 'holders' ? data.partsOnSale?.(within) : undefined;
    const { fitPopularity } = await import('../models/popularity.ts');
    return fitPopularity(training, { of, prior, ...(by === undefined ? {} : { byRecency: true }) }, parts);
  },
  restore: async (state) => (await import('../models/popularity.ts')).popularityOf(state),
  needsAcquisitions: ({ of }) => of !== 'holders',
});
