import { methodNames, methods } from '@basketwise/clusters';
import { z } from 'zod';
import { column, name, number, seedSchema, sql, text, whole } from '../values/schemas.ts';

const scaling = z.enum(['minmax', 'standard', 'robust', 'log-minmax', 'log-standard', 'quantile']);
const categoryEncoding = z.enum(['one-hot', 'ordinal', 'native']);
const clusterCount = z.union([
  whole(1, 1000),
  z.strictObject({
    from: whole(1, 1000).describe('Smallest number of clusters to try.'),
    to: whole(1, 1000).describe('Largest number of clusters to try.'),
    choose: z
      .enum(['elbow', 'silhouette'])
      .default('elbow')
      .describe('Criterion: the knee of the cost curve, or the largest mean silhouette (docs/customers.md#choosing-k).'),
  }),
]);

const scheme = z.strictObject({
  where: sql.optional().describe('Predicate over customers; the others get no cluster. Without it all customers are clustered.'),
  method: z
    .enum(methodNames)
    .default(methods[0].name)
    .describe(`Clustering algorithm: ${methods.map((one) => `\`${one.name}\` (${one.about})`).join(', ')}.`),
  k: clusterCount.describe('Number of clusters, or the range in which the run chooses it.'),
  seed: seedSchema.default(0).describe('Seed of the starts and samples.'),
  starts: whole(1, 1000).default(5).describe('Number of starts; the cheapest one continues.'),
  start_sample: whole(1, 100_000_000).optional().describe('Number of customers to fit the starts on; 32,768 without it.'),
  fit_sample: whole(1, 100_000_000)
    .optional()
    .describe('Approximate number of customers to fit the clusters on; 10,000,000 without it. All customers are assigned.'),
  numeric: z.array(column).default([]).describe('Numeric columns.'),
  categorical: z.array(column).default([]).describe('Categorical columns.'),
  scale: z
    .union([scaling, z.record(column, scaling)])
    .default('minmax')
    .describe(
      'Scaling of numeric columns: one for all, or by column. `minmax`: 0 to 1; `standard`: by mean and deviation; `robust`: by median and quartiles; `quantile`: rank, 0 to 1; `log-`: first sign(x) ln(1 + abs x).',
    ),
  encoding: z
    .union([categoryEncoding, z.record(column, categoryEncoding)])
    .optional()
    .describe(
      `Encoding of categories: one for all, or by column. Without it ${methods.map((one) => `\`${one.encoding}\` for ${one.name}`).join(', ')}.`,
    ),
  weights: z
    .record(column, number.min(0, 'expected a weight of at least 0'))
    .default({})
    .describe("Factor on a column's part of the squared distance, by column; 1 for all others."),
  important: z
    .array(column)
    .default([])
    .describe('Numeric columns of which the clusters should explain much; below 10 % the run warns.'),
  gamma: number
    .positive('expected a gamma above 0')
    .optional()
    .describe(
      'Cost of a mismatch in a `native` column. Without it half the mean standard deviation of the scaled numeric columns.',
    ),
  start: z
    .enum(['k-means++', 'huang', 'cao'])
    .optional()
    .describe('Method that draws the starting centres; `k-means++` without it.'),
  iterations: whole(1, 10_000).optional().describe('Largest number of passes of the fit; 100 without it.'),
  model: text
    .optional()
    .describe(
      'File of the saved model. A run applies it; if it is missing, the run fits the clusters and saves them. Two schemes cannot share a file.',
    ),
});

/** Cluster schemes of a config by name. */
export const clustersSchema = z
  .record(name, scheme)
  .default({})
  .describe('Cluster schemes by name (docs/customers.md#clusters).');

/** Cluster scheme of a config. */
export type ClusterConfig = z.output<typeof clustersSchema>[string];
