import { type LiftSpec, liftFit } from '@basketwise/core/kinds';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { prior, within } from './parameters.ts';

export const lift = defineKind({
  ...liftFit,
  about: 'how much more often products are taken next (or held together) than by chance; explains',
  parameters: { pairs: z.enum(['next', 'held']), prior, within },
  defaults: { pairs: 'next', prior: 2, within: 12 },
  part: 'base',
  specOf: ({ pairs, prior, within }): LiftSpec => ({ kind: 'lift', pairs, prior, ...(within < 12 ? { within } : {}) }),
});
