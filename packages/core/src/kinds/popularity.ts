import { defineKind } from './kind.ts';
import { acquisitionsWithin } from './learning-data.ts';
import { prior, within } from './parameters.ts';

export const popularity = defineKind({
  kind: 'popularity',
  about: 'The most popular products: the same list for all, or for all of a recency band.',
  parameters: {
    of: {
      is: 'one of',
      of: ['holders', 'recent', 'upsell'],
      usual: 'holders',
      about: 'Count: holders, purchases, or purchases of customers with earlier holdings.',
    },
    by: { is: 'one of', of: ['recency'], about: 'Counts by recency band of the newest holding; without it for all customers.' },
    prior: { ...prior, with: 'by' },
    within,
    perTimeOnSale: {
      is: 'flag',
      usual: false,
      quiet: true,
      about: 'Whether purchases are counted per time on sale, so that a product launched within the months is not behind.',
    },
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
