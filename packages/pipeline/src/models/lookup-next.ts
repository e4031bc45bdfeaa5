import { fitLookupNext } from '@basketwise/core';
import { z } from 'zod';
import { defineKind, type ModelSpec } from './kind.ts';
import { acquisitionsFor } from './learning-data.ts';
import { prior } from './parameters.ts';

/** What customers with exactly this basket took next, over a base. */
export interface LookupNextSpec {
  kind: 'lookup-next';
  prior: number;
  byRecency: boolean;
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
  parameters: { prior, by_recency: z.boolean() },
  defaults: { prior: 10, by_recency: true },
  base: { kind: 'popularity', of: 'upsell', by: 'recency' },
  part: 'member',
  blendScale: 'log',
  specOf: ({ prior, by_recency: byRecency, base }, { specOf }): LookupNextSpec => ({
    ...{ kind: 'lookup-next', prior, byRecency, base: specOf(base!) },
  }),
  fit: async (data, spec, { fitInner }) => fitLookupNext(acquisitionsFor(spec.kind, data), await fitInner(spec.base), spec),
  mapInner: (spec, change) => ({ ...spec, base: change(spec.base) }),
  needsAcquisitions: () => true,
});
