import { fitLookup } from '@basketwise/core';
import { defineKind, type ModelSpec } from './kind.ts';
import { prior } from './parameters.ts';

/** A lookup of what customers with exactly this basket have besides, over a base. */
export interface LookupSpec {
  kind: 'lookup';
  prior: number;
  base: ModelSpec;
}

declare module './kind.ts' {
  interface SpecOfKind {
    lookup: LookupSpec;
  }
}

export const lookup = defineKind({
  kind: 'lookup',
  about: 'what customers with exactly this basket have besides',
  parameters: { prior },
  defaults: { prior: 10 },
  base: { kind: 'ease' },
  part: 'member',
  blendScale: 'log',
  specOf: ({ prior, base }, { specOf }): LookupSpec => ({ kind: 'lookup', prior, base: specOf(base!) }),
  fit: async ({ holdings }, spec, { fitInner }) => fitLookup(holdings, await fitInner(spec.base), spec),
  mapInner: (spec, change) => ({ ...spec, base: change(spec.base) }),
});
