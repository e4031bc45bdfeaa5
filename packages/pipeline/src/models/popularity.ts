import { fitPopularity, type PopularityOf } from '@basketwise/core';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { acquisitionsWithin, contextNames } from './learning-data.ts';
import { prior, within } from './parameters.ts';

/** The same list for all, or for all of a context or recency band. */
export interface PopularitySpec {
  kind: 'popularity';
  of: PopularityOf;
  by?: 'context' | 'recency';
  prior?: number;
  /** Months before the date whose acquisitions are counted. Default 12. */
  within?: number;
}

declare module './kind.ts' {
  interface SpecOfKind {
    popularity: PopularitySpec;
  }
}

export const popularity = defineKind({
  kind: 'popularity',
  about: 'the same list for all, or for all of a recency band',
  parameters: {
    /** Things that are counted as popularity. */
    of: z.enum(['holders', 'recent', 'upsell']),
    /** Own counts for each recency band of the newest holding. */
    by: z.enum(['recency']),
    prior,
    within,
  },
  defaults: { of: 'holders', prior: 10, within: 12 },
  part: 'base',
  blendScale: 'log',
  specOf: ({ of, by, prior, within }): PopularitySpec => ({
    ...{ kind: 'popularity', of },
    ...(by === undefined ? {} : { by, prior }),
    ...(within < 12 ? { within } : {}),
  }),
  fit(data, { of, by, prior = 10, within = 12 }) {
    const training = of === 'holders' ? data.holdings : acquisitionsWithin('popularity', data, within);
    const counts = by === 'recency' ? { byRecency: true } : by === 'context' ? { contexts: contextNames(data.holdings) } : {};
    return fitPopularity(training, { of, prior, ...counts });
  },
  needsAcquisitions: ({ of }) => of !== 'holders',
});
