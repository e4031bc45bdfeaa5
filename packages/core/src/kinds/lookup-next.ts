import { fitLookupNext, lookupOf } from '../models/lookup.ts';
import { defineKind } from './kind.ts';
import { acquisitionsWithin } from './learning-data.ts';
import { prior, within } from './parameters.ts';

export const lookupNext = defineKind({
  kind: 'lookup-next',
  about: 'what customers with exactly this basket took next',
  parameters: {
    prior,
    byRecency: { is: 'flag', usual: true },
    within,
    base: { is: 'base', usual: { kind: 'popularity', of: 'upsell', by: 'recency' } },
  },
  part: 'member',
  blendScale: 'log',
  fit: async (data, spec, { fitInner }) =>
    fitLookupNext(acquisitionsWithin(spec.kind, data, spec.within ?? 12), await fitInner(spec.base), spec, data.counted),
  restore: lookupOf,
  needsAcquisitions: () => true,
});
