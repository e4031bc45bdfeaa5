import { z } from 'zod';
import { column, name, number, sql, whole } from '../values/schemas.ts';

const bands = z.union(
  [whole(2, 50), z.array(number).min(1, 'expected at least one bound').max(100, 'expected at most 100 bounds')],
  'expected a number of bands, 2 to 50, or a list of bounds',
);

const coded = {
  /** Numbers in bands: their lower bounds but for the first, or how many of about the same size. Without it: categories. */
  bands: bands.optional(),
  /** It was the same at every date, or can be computed for any. */
  fixed: z.boolean().default(false),
};

/** Columns of customers by which models may rank, by name: of the customers table, SQL over it, or pairs of two others. */
export const featuresSchema = z
  .record(
    name,
    z.union([
      z.strictObject({ column, ...coded }),
      z.strictObject({ sql, ...coded }),
      z.strictObject({ cross: z.array(name).length(2, 'expected two features') }),
    ]),
  )
  .optional();
