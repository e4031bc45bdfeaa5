import { z } from 'zod';
import { campaignModel, modelParameters } from './schema-model.ts';
import { name, seed, span, text, whole } from './values.ts';

const { factors, regularization, alpha, constant, iterations } = modelParameters;

/** Campaigns by name, in output order. */
export const campaigns = z
  .record(
    name,
    z.strictObject({
      kind: z.enum(['upsell', 'cross']),
      class: text,
      columns: z.array(text).min(1, 'expected at least one class').optional(),
      by_cluster: name.optional(),
      train: z.enum(['all', 'holders']).optional(),
      model: campaignModel.optional(),
    }),
  )
  .refine((campaigns) => Object.keys(campaigns).length > 0, 'expected at least one campaign');

/** How quality is measured on held-out purchases. */
export const evaluate = z
  .strictObject({
    window: span.prefault('1 month'),
    gap: span.prefault('1 month'),
    windows: whole(1, 120).default(1),
    at: z.array(whole(1, 64)).min(1, 'expected at least one length').default([1, 3, 5, 10]),
    bootstrap: whole(0, 1_000_000).default(2000),
    seed: seed.default(0),
  })
  .prefault({});

const candidates = (values: z.ZodType<number>) => z.array(values).min(1, 'expected at least one value').optional();

/** Which models `tune` tries, and what it compares. */
export const tune = z
  .strictObject({
    search: z.enum(['grid', 'random']).default('grid'),
    /** Trials that a random search draws from the grid. */
    trials: whole(1, 1_000_000).default(50),
    seed: seed.default(0),
    parameters: z
      .strictObject({
        factors: candidates(factors),
        regularization: candidates(regularization),
        alpha: candidates(alpha),
        constant: candidates(constant),
        iterations: candidates(iterations),
      })
      .default({ factors: [16, 32, 64], regularization: [1, 10, 40, 100], alpha: [5, 10, 40], iterations: [15] }),
    metric: z
      .string()
      .regex(/^[a-z]+@\d+$/, 'expected a metric such as ndcg@5')
      .default('ndcg@5'),
  })
  .prefault({});
