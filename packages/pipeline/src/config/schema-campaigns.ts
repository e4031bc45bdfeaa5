import { usualTest } from '@basketwise/recommend/plan';
import { z } from 'zod';
import { name, productClass, seedSchema, span, spanOrNone, whole } from '../values/schemas.ts';
import { campaignModelSchema } from './schema-model.ts';

/** Campaigns by name, in the order of the output. Empty in the config of a bank whose tables are not explored yet. */
export const campaignsSchema = z
  .record(
    name,
    z.strictObject({
      kind: z
        .enum(['upsell', 'cross'])
        .describe('Targets: customers who hold a product of `class` (`upsell`), or who hold none (`cross`).'),
      class: productClass.describe('Class of the recommended products.'),
      columns: z
        .array(productClass)
        .min(1, 'expected at least one class')
        .optional()
        .describe('Classes whose products form the baskets; `class` is one of them. `class` alone without it.'),
      by_cluster: name.optional().describe('Cluster scheme by which the lists differ.'),
      pooling: z
        .enum(['partial', 'none'])
        .optional()
        .describe(
          'How clusters enter: they shift one common model (`partial`, the default of `automatic` and `next-purchase`), or have a model each (`none`, that of all other kinds).',
        ),
      train: z
        .enum(['all', 'holders'])
        .optional()
        .describe(
          'Customers who train: holders of `class`, or all with a basket. Without it `holders` for upsell and `all` for cross.',
        ),
      model: campaignModelSchema
        .optional()
        .describe('Changes to the parameters of the common model; with a `kind`, a model of its own that takes nothing from it.'),
    }),
  )
  .refine((campaigns) => Object.keys(campaigns).length > 0, 'expected at least one campaign')
  .default({})
  .describe('Campaigns by name, in the order of the output (docs/config.md#campaigns). A run needs at least one.');

/** Settings of the evaluation on held-out purchases. */
export const evaluateSchema = z
  .strictObject({
    window: span
      .prefault(usualTest.window)
      .describe('Length of a window: the period in which purchases count, for training, probabilities and tests.'),
    gap: spanOrNone.prefault(usualTest.gap).describe('Time between the date of the lists and the start of their window.'),
    windows: whole(1, 120).default(1).describe('Number of test windows of `basketwise evaluate`.'),
    at: z
      .array(whole(1, 64))
      .min(1, 'expected at least one length')
      .default([1, 3, 5, 10])
      .describe('Lengths of lists at which metrics are given.'),
    bootstrap: whole(0, 1_000_000)
      .default(usualTest.bootstrap)
      .describe('Resamples behind each interval; 0: means without intervals.'),
    seed: seedSchema.default(usualTest.seed).describe('Seed of the resamples.'),
  })
  .prefault({})
  .describe('Windows of purchases, and tests on them (docs/evaluation.md).');
