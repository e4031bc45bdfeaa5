import { fitLookupNext } from '@basketwise/core';
import { z } from 'zod';
import { defineKind, type ModelSpec } from './kind.ts';
import { acquisitionsWithin } from './learning-data.ts';
import { prior, within } from './parameters.ts';

/** A lookup of what customers with exactly this basket took next, over a base. */
export interface LookupNextSpec {
  kind: 'lookup-next';
  prior: number;
  byRecency: boolean;
  /** Months before the date whose acquisitions are counted. Default 12. */
  within?: number;
  base: ModelSpec;
}

declare module './kind.ts' {
  interface SpecOfKind {
    'lookup-next': LookupNextSpec;
  }
}

export const lookupNext = defineKind({
  kind: 'lookup-next',
  about: 'what customers with exactly this basket took next',
  parameters: { prior, by_recency: z.boolean(), within },
  defaults: { prior: 10, by_recency: true, within: 12 },
  base: { kind: 'popularity', of: 'upsell', by: 'recency' },
  part: 'member',
  blendScale: 'log',
  specOf: ({ prior, by_recency: byRecency, within, base }, { specOf }): LookupNextSpec => ({
    ...{ kind: 'lookup-next', prior, byRecency, ...(within < 12 ? { within } : {}), base: specOf(base!) },
  }),
  fit: async (data, spec, { fitInner }) =>
    fitLookupNext(acquisitionsWithin(spec.kind, data, spec.within ?? 12), await fitInner(spec.base), spec),
  mapInner: (spec, change) => ({ ...spec, base: change(spec.base) }),
  needsAcquisitions: () => true,
});
