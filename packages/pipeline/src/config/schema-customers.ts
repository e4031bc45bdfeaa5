import { z } from 'zod';
import { column, name, number, productClass, seed, span, sql, text, whole } from '../values/schemas.ts';

/** Recency bands, most recent first; the last one has no `within` and takes the rest, undated holdings too. */
export const recency = z
  .strictObject({
    bands: z
      .array(z.strictObject({ within: span.optional(), weight: number.positive('expected a weight above 0') }))
      .min(1, 'expected at least one band')
      .max(200, 'expected at most 200 bands'),
  })
  .prefault({
    bands: [
      { within: '6 months', weight: 1 },
      { within: '1 year', weight: 0.75 },
      { within: '3 years', weight: 0.5 },
      { weight: 0.25 },
    ],
  });

const scaling = z.enum(['minmax', 'standard', 'robust', 'log-minmax', 'log-standard', 'quantile']);
const encoding = z.enum(['one-hot', 'ordinal', 'native']);
const clusterCount = z.union([
  whole(1, 1000),
  z.strictObject({ from: whole(1, 1000), to: whole(1, 1000), choose: z.enum(['elbow', 'silhouette']).default('elbow') }),
]);

/** Cluster schemes by name. */
export const clusters = z
  .record(
    name,
    z.strictObject({
      where: sql.optional(),
      method: z.enum(['kmeans', 'kprototypes']).default('kmeans'),
      k: clusterCount,
      seed: seed.default(0),
      starts: whole(1, 1000).default(5),
      start_sample: whole(1, 100_000_000).optional(),
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

const band = z.strictObject({
  label: text,
  null: z.literal(true).optional(),
  equals: number.optional(),
  from: number.optional(),
  above: number.optional(),
  to: number.optional(),
});

/** Rule segments by name: bands of a column, flags, or the crossing of two or more. */
export const segments = z
  .record(
    name,
    z.union([
      z.strictObject({ column, bands: z.array(band).min(1, 'expected at least one band') }),
      z.strictObject({ flags: z.array(column).min(1, 'expected at least one column') }),
      z.strictObject({ cross: z.array(name).min(2, 'expected at least two segments') }),
    ]),
  )
  .default({});

/** Eligibility rules: who may not be recommended products of a class (of any class where none is named). */
export const rules = z
  .array(z.strictObject({ reason: name, class: productClass.optional(), require: sql }))
  .max(30, 'expected at most 30 rules')
  .default([]);
