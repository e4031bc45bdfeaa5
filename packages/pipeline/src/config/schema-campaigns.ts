import { required } from '@basketwise/core';
import { bandLimits, usualTest } from '@basketwise/recommend';
import { z } from 'zod';
import { column, name, number, productClass, seedSchema, span, spanOrNone, sql, whole } from '../values/schemas.ts';
import { campaignModelSchema, modelTemplateSchema, namedKind, valueSchema } from './schema-model.ts';

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
  .describe('Windows of purchases, and tests on them (docs/models.md).');

const { fewest, most, mostBounds } = bandLimits;
const bands = z.union(
  [
    whole(fewest, most),
    z.array(number).min(1, 'expected at least one bound').max(mostBounds, `expected at most ${mostBounds} bounds`),
  ],
  `expected a number of bands, ${fewest} to ${most}, or a list of bounds`,
);

const coded = {
  bands: bands
    .optional()
    .describe(
      'Bounds of bands of numbers, or the number of bands with about equally many customers. Without it each value is a level, as text.',
    ),
  fixed: z
    .boolean()
    .default(false)
    .describe('Whether the feature was the same at every date (sex), or can be computed for any date (age).'),
};

/**
 * Features that models can rank by, by their names. A feature is a column of the customers table, SQL over that table, or the
 * crossing of two other features.
 */
export const featuresSchema = z
  .record(
    name,
    z.union([
      z.strictObject({ column: column.describe('Column of the customers table, or a derived one.'), ...coded }),
      z.strictObject({ sql: sql.describe('SQL over the customers table; `:date` is the date asked for.'), ...coded }),
      z.strictObject({
        cross: z.array(name).length(2, 'expected two features').describe('Two other features; the levels are pairs of theirs.'),
      }),
    ]),
  )
  .optional()
  .describe(
    'Features by name: properties of customers by which `automatic` and `next-purchase` models rank (docs/customers.md). Each has `column`, `sql` or `cross`.',
  );

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
      .describe('Metric that is compared, at a length of the list (docs/models.md#metrics).'),
  })
  .prefault({})
  .describe('Models that `basketwise tune` tries (docs/models.md#tuning).');
