import { type LookupNextSpec, lookupNextFit } from '@basketwise/core/kinds';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { prior, within } from './parameters.ts';

export const lookupNext = defineKind({
  ...lookupNextFit,
  about: 'what customers with exactly this basket took next',
  parameters: { prior, by_recency: z.boolean(), within },
  defaults: { prior: 10, by_recency: true, within: 12 },
  base: { kind: 'popularity', of: 'upsell', by: 'recency' },
  part: 'member',
  specOf: ({ prior, by_recency: byRecency, within, base }, { specOf }): LookupNextSpec => ({
    ...{ kind: 'lookup-next', prior, byRecency, ...(within < 12 ? { within } : {}), base: specOf(base!) },
  }),
});
