import { defineKind } from './kind.ts';
import { acquisitionsWithin } from './learning-data.ts';
import { prior, within } from './parameters.ts';

export const lookupNext = defineKind({
  kind: 'lookup-next',
  about: 'Next purchases of customers with exactly this basket, backed by another model.',
  parameters: {
    prior,
    byRecency: { is: 'flag', usual: true, about: 'Whether baskets also differ by the recency band of the newest holding.' },
    within,
    base: {
      is: 'base',
      usual: { kind: 'popularity', of: 'upsell', by: 'recency' },
      about: 'Model whose scores serve as prior.',
    },
  },
  part: 'member',
  blendScale: 'log',
  async fit(data, spec, { fitInner }) {
    const acquisitions = acquisitionsWithin(spec.kind, data, spec.within ?? 12);
    const { fitLookupNext } = await import('../models/lookup.ts');
    return fitLookupNext(acquisitions, await fitInner(spec.base), spec, data.counted);
  },
  restore: async (state, inner) => (await import('../models/lookup.ts')).lookupOf(state, inner),
  needsAcquisitions: () => true,
});
