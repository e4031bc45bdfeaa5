import { bandLimits } from '@basketwise/recommend/plan';
import { z } from 'zod';
import { column, name, number, sql, whole } from '../values/schemas.ts';

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
    'Features by name: properties of customers by which `automatic` and `next-purchase` models rank (docs/features.md). Each has `column`, `sql` or `cross`.',
  );
