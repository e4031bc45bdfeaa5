import { fitLookupNext, lookupOf } from '../models/lookup.ts';
import { defineFit, type ModelSpec } from './kind-fit.ts';
import { acquisitionsWithin } from './learning-data.ts';

/** A lookup of what customers with exactly this basket took next, over a base. */
export interface LookupNextSpec {
  kind: 'lookup-next';
  prior: number;
  byRecency: boolean;
  /** Months before the date whose acquisitions are counted. Default 12. */
  within?: number;
  base: ModelSpec;
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    'lookup-next': LookupNextSpec;
  }
}

/** How such a model is fitted. */
export const lookupNextFit = defineFit({
  kind: 'lookup-next',
  blendScale: 'log',
  restore: lookupOf,
  fit: async (data, spec, { fitInner }) =>
    fitLookupNext(acquisitionsWithin(spec.kind, data, spec.within ?? 12), await fitInner(spec.base), spec, data.counted),
  mapInner: (spec, change) => ({ ...spec, base: change(spec.base) }),
  needsAcquisitions: () => true,
});
