import { defineKind } from './kind.ts';
import { prior } from './parameters.ts';

export const lookup = defineKind({
  kind: 'lookup',
  about: 'Shares of products among customers with exactly this basket, backed by another model.',
  parameters: { prior, base: { is: 'base', usual: { kind: 'ease' }, about: 'Model whose scores serve as prior.' } },
  part: 'member',
  blendScale: 'log',
  async fit({ holdings, counted }, spec, { fitInner }) {
    const { fitLookup } = await import('../models/lookup.ts');
    return fitLookup(holdings, await fitInner(spec.base), spec, counted);
  },
  restore: async (state, inner) => (await import('../models/lookup.ts')).lookupOf(state, inner),
});
