import { fitLookup, lookupOf } from '../models/lookup.ts';
import { defineKind } from './kind.ts';
import { prior } from './parameters.ts';

export const lookup = defineKind({
  kind: 'lookup',
  about: 'what customers with exactly this basket have besides',
  parameters: { prior, base: { is: 'base', usual: { kind: 'ease' } } },
  part: 'member',
  blendScale: 'log',
  fit: async ({ holdings, counted }, spec, { fitInner }) => fitLookup(holdings, await fitInner(spec.base), spec, counted),
  restore: lookupOf,
});
