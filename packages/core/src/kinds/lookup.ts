import { defineKind } from './kind.ts';
import { prior } from './parameters.ts';

export const lookup = defineKind({
  kind: 'lookup',
  about: 'what customers with exactly this basket have besides',
  parameters: { prior, base: { is: 'base', usual: { kind: 'ease' } } },
  part: 'member',
  blendScale: 'log',
  async fit({ holdings, counted }, spec, { fitInner }) {
    const { fitLookup } = await import('../models/lookup.ts');
    return fitLookup(holdings, await fitInner(spec.base), spec, counted);
  },
  restore: async (state, inner) => (await import('../models/lookup.ts')).lookupOf(state, inner),
});
