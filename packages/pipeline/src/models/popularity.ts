import { type PopularitySpec, popularityFit } from '@basketwise/core/kinds';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { prior, within } from './parameters.ts';

export const popularity = defineKind({
  ...popularityFit,
  about: 'the same list for all, or for all of a recency band',
  parameters: {
    /** Things that are counted as popularity. */
    of: z.enum(['holders', 'recent', 'upsell']),
    /** Own counts for each recency band of the newest holding. */
    by: z.enum(['recency']),
    prior,
    within,
    /** Acquisitions per time on sale, so that what was launched within the months is not behind for it. */
    per_time_on_sale: z.boolean(),
  },
  defaults: { of: 'holders', prior: 10, within: 12, per_time_on_sale: false },
  part: 'base',
  specOf: ({ of, by, prior, within, per_time_on_sale: perTimeOnSale }): PopularitySpec => ({
    ...{ kind: 'popularity', of },
    ...(by === undefined ? {} : { by, prior }),
    ...(within < 12 ? { within } : {}),
    ...(perTimeOnSale ? { perTimeOnSale } : {}),
  }),
});
