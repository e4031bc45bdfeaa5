import { type LookupSpec, lookupFit } from '@basketwise/core/kinds';
import { defineKind } from './kind.ts';
import { prior } from './parameters.ts';

export const lookup = defineKind({
  ...lookupFit,
  about: 'what customers with exactly this basket have besides',
  parameters: { prior },
  defaults: { prior: 10 },
  base: { kind: 'ease' },
  part: 'member',
  specOf: ({ prior, base }, { specOf }): LookupSpec => ({ kind: 'lookup', prior, base: specOf(base!) }),
});
