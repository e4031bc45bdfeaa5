import { usualTest } from '@basketwise/core/kinds';
import { z } from 'zod';
import { name, productClass, seedSchema, span, spanOrNone, whole } from '../values/schemas.ts';
import { campaignModelSchema } from './schema-model.ts';

/** Campaigns by name, in output order; none before somebody has looked at the bank. */
export const campaignsSchema = z
  .record(
    name,
    z.strictObject({
      kind: z.enum(['upsell', 'cross']),
      class: productClass,
      columns: z.array(productClass).min(1, 'expected at least one class').optional(),
      by_cluster: name.optional(),
      /** Whether clusters shift one model of all, as far as the past says; default where the model is learned. Else they have a model each. */
      pooling: z.enum(['partial', 'none']).optional(),
      train: z.enum(['all', 'holders']).optional(),
      model: campaignModelSchema.optional(),
    }),
  )
  .refine((campaigns) => Object.keys(campaigns).length > 0, 'expected at least one campaign')
  .default({});

/** How quality is measured on held-out purchases. */
export const evaluateSchema = z
  .strictObject({
    window: span.prefault(usualTest.window),
    gap: spanOrNone.prefault(usualTest.gap),
    windows: whole(1, 120).default(1),
    at: z.array(whole(1, 64)).min(1, 'expected at least one length').default([1, 3, 5, 10]),
    bootstrap: whole(0, 1_000_000).default(usualTest.bootstrap),
    seed: seedSchema.default(usualTest.seed),
  })
  .prefault({});
