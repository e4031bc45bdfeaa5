import { required } from '@basketwise/core/kinds';
import { z } from 'zod';
import { seedSchema, whole } from '../values/schemas.ts';
import { namedKind } from './named-kinds.ts';
import { modelTemplateSchema, valueSchema } from './schema-model.ts';

const list = <T extends z.ZodType>(value: T) => z.array(value).min(1, 'expected at least one value');

const ofAls = (name: string) => list(valueSchema(required(namedKind('als').parameters, name))).optional();

/** A model's parameters, each of them a value or a list of values to try. */
export type ModelTemplate = Readonly<Record<string, unknown>>;

/** Which models `tune` tries, and what it compares. */
export const tuneSchema = z
  .strictObject({
    search: z.enum(['grid', 'random', 'halving']).default('grid'),
    /** Trials that a random search draws from the grid. */
    trials: whole(1, 1_000_000).default(50),
    /** Successive halving: one in so many trials goes on to a test that is so many times as large. */
    reduction: whole(2, 10).default(3),
    seed: seedSchema.default(0),
    /** Values to try in the campaign's own model, where that is ALS. */
    parameters: z
      .strictObject({
        factors: ofAls('factors'),
        regularization: ofAls('regularization'),
        alpha: ofAls('alpha'),
        constant: ofAls('constant'),
        iterations: ofAls('iterations'),
      })
      .optional(),
    /** Models of any kind, their parameters values or lists of values. */
    models: z.array(modelTemplateSchema).min(1, 'expected at least one model').optional(),
    metric: z
      .string()
      .regex(/^[a-z]+@\d+$/, 'expected a metric such as ndcg@5')
      .default('ndcg@5'),
  })
  .prefault({});
