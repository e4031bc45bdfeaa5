import { z } from 'zod';
import { column, name, number, seedSchema, sql, text, whole } from '../values/schemas.ts';
import { methodNames } from './scheme.ts';

const scaling = z.enum(['minmax', 'standard', 'robust', 'log-minmax', 'log-standard', 'quantile']);
const encoding = z.enum(['one-hot', 'ordinal', 'native']);
const clusterCount = z.union([
  whole(1, 1000),
  z.strictObject({ from: whole(1, 1000), to: whole(1, 1000), choose: z.enum(['elbow', 'silhouette']).default('elbow') }),
]);

/** Cluster schemes by name, as a config has them. */
export const clustersSchema = z
  .record(
    name,
    z.strictObject({
      where: sql.optional(),
      method: z.enum(methodNames).default(methodNames[0]),
      k: clusterCount,
      seed: seedSchema.default(0),
      starts: whole(1, 1000).default(5),
      start_sample: whole(1, 100_000_000).optional(),
      fit_sample: whole(1, 100_000_000).optional(),
      numeric: z.array(column).default([]),
      categorical: z.array(column).default([]),
      scale: z.union([scaling, z.record(column, scaling)]).default('minmax'),
      encoding: z.union([encoding, z.record(column, encoding)]).optional(),
      weights: z.record(column, number.min(0, 'expected a weight of at least 0')).default({}),
      important: z.array(column).default([]),
      gamma: number.positive('expected a gamma above 0').optional(),
      start: z.enum(['k-means++', 'huang', 'cao']).optional(),
      iterations: whole(1, 10_000).optional(),
      model: text.optional(),
    }),
  )
  .default({});

/** One cluster scheme of a config. */
export type ClusterConfig = z.output<typeof clustersSchema>[string];
