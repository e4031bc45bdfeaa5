import { fitPopularity, type PopularityOf, popularityOf } from '../models/popularity.ts';
import { defineFit } from './kind-fit.ts';
import { acquisitionsWithin } from './learning-data.ts';

/** The same list for all, or for all of a recency band. */
export interface PopularitySpec {
  kind: 'popularity';
  of: PopularityOf;
  by?: 'recency';
  prior?: number;
  /** Months before the date whose acquisitions are counted. Default 12. */
  within?: number;
  /** Counts acquisitions per time on sale: what began to be sold within the months is not behind for it. */
  perTimeOnSale?: true;
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    popularity: PopularitySpec;
  }
}

/** How such a model is fitted. */
export const popularityFit = defineFit({
  kind: 'popularity',
  blendScale: 'log',
  restore: popularityOf,
  fit(data, { of, by, prior = 10, within = 12, perTimeOnSale }) {
    const training = of === 'holders' ? data.holdings : acquisitionsWithin('popularity', data, within);
    const parts = perTimeOnSale && of !== 'holders' ? data.partsOnSale?.(within) : undefined;
    return fitPopularity(training, { of, prior, ...(by === undefined ? {} : { byRecency: true }) }, parts);
  },
  needsAcquisitions: ({ of }) => of !== 'holders',
});
