import { fitPopularity, type PopularityOf } from '@basketwise/core';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { acquisitionsFor, contextNames } from './learning-data.ts';
import { prior } from './parameters.ts';

/** The same list for all, or for all of a context or recency band. */
export interface PopularitySpec {
  kind: 'popularity';
  of: PopularityOf;
  by?: 'context' | 'recency';
  prior?: number;
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
    /** What is counted as popular. */
    of: z.enum(['holders', 'recent', 'upsell']),
    /** Own counts for each recency band of the newest holding. */
    by: z.enum(['recency']),
    prior,
  },
  defaults: { of: 'holders', prior: 10 },
  part: 'base',
  blendScale: 'log',
  specOf: ({ of, by, prior }): PopularitySpec => ({ kind: 'popularity', of, ...(by === undefined ? {} : { by, prior }) }),
  fit(data, { of, by, prior = 10 }) {
    const training = of === 'holders' ? data.holdings : acquisitionsFor('popularity', data);
    const counts = by === 'recency' ? { byRecency: true } : by === 'context' ? { contexts: contextNames(data.holdings) } : {};
    return fitPopularity(training, { of, prior, ...counts });
  },
  needsAcquisitions: ({ of }) => of !== 'holders',
});
