import { fitLookup, lookupOf } from '../models/lookup.ts';
import { defineFit, type ModelSpec } from './kind-fit.ts';

/** A lookup of what customers with exactly this basket have besides, over a base. */
export interface LookupSpec {
  kind: 'lookup';
  prior: number;
  base: ModelSpec;
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    lookup: LookupSpec;
  }
}

/** How such a model is fitted. */
export const lookupFit = defineFit({
  kind: 'lookup',
  blendScale: 'log',
  restore: lookupOf,
  fit: async ({ holdings, counted }, spec, { fitInner }) => fitLookup(holdings, await fitInner(spec.base), spec, counted),
  mapInner: (spec, change) => ({ ...spec, base: change(spec.base) }),
});
