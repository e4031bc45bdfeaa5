import { required } from '@basketwise/core/kinds';
import { z } from 'zod';
import { seedSchema, whole } from '../values/schemas.ts';
import { namedKind } from './named-kinds.ts';
import { modelTemplateSchema, valueSchema } from './schema-model.ts';

const valueList = <T extends z.ZodType>(value: T) => z.array(value).min(1, 'expected at least one value');

const ofAls = (name: string) =>
  valueList(valueSchema(required(namedKind('als').parameters, name)))
    .optional()
    .describe(`Values of \`${name}\` to try.`);

/** Parameters of a model for `tune`. Each is a value or a list of values to try. */
export type ModelTemplate = Readonly<Record<string, unknown>>;

/** Search of `tune`: the models to try, and the metric that compares them. */
export const tuneSchema = z
  .strictObject({
    search: z
      .enum(['grid', 'random', 'halving'])
      .default('grid')
      .describe('Search: all combinations, a random draw of them, or successive halving.'),
    trials: whole(1, 1_000_000).default(50).describe('Combinations that a random search draws.'),
    reduction: whole(2, 10)
      .default(3)
      .describe('Successive halving: one in so many trials continues, with a test so many times as large.'),
    seed: seedSchema.default(0).describe('Seed of the random search.'),
    parameters: z
      .strictObject({
        factors: ofAls('factors'),
        regularization: ofAls('regularization'),
        alpha: ofAls('alpha'),
        constant: ofAls('constant'),
        iterations: ofAls('iterations'),
      })
      .optional()
      .describe("Values to try in each campaign's own model, where that is ALS."),
    models: z
      .array(modelTemplateSchema)
      .min(1, 'expected at least one model')
      .optional()
      .describe('Models to try, of any kind except `automatic`. Each parameter is a value or a list of values.'),
    metric: z
      .string()
      .regex(/^[a-z]+@\d+$/, 'expected a metric such as ndcg@5')
      .default('ndcg@5')
      .describe('Metric that is compared, at a length of the list (docs/evaluation.md#metrics).'),
  })
  .prefault({})
  .describe('Models that `basketwise tune` tries (docs/evaluation.md#tuning).');
