import { usualBands } from '@basketwise/recommend';
import { z } from 'zod';
import { column, name, number, productClass, span, sql, text } from '../values/schemas.ts';

/** Recency bands, most recent first. The last band has no `within`: it contains all older holdings, and holdings without a date. */
export const recencySchema = z
  .strictObject({
    bands: z
      .array(
        z.strictObject({
          within: span
            .optional()
            .describe('Largest age of a holding in the band, inclusive. The last band has none, all others have one.'),
          weight: number.positive('expected a weight above 0').describe('Weight of a holding in the band.'),
        }),
      )
      .min(1, 'expected at least one band')
      .max(200, 'expected at most 200 bands')
      .describe('Bands, newest first, 1 to 200. The last one takes all older holdings and those without a day.'),
  })
  .prefault({ bands: usualBands })
  .describe('Recency bands: weights of holdings by their age (docs/config.md#recency).');

const band = z.strictObject({
  label: text.describe('Text of the band in files and reports.'),
  null: z.literal(true).optional().describe('Takes missing values.'),
  equals: number.optional().describe('Takes this number alone.'),
  from: number.optional().describe('Lower bound, inclusive.'),
  above: number.optional().describe('Lower bound, exclusive.'),
  to: number.optional().describe('Upper bound, exclusive.'),
});

/** Segments by name. A segment is the bands of a column, a set of flags, or the crossing of two or more segments. */
export const segmentsSchema = z
  .record(
    name,
    z.union([
      z.strictObject({
        column: column.describe('Numeric column of customers.'),
        bands: z
          .array(band)
          .min(1, 'expected at least one band')
          .describe('Bands of the column. Each number is in exactly one: gaps and overlaps are errors.'),
      }),
      z.strictObject({
        flags: z
          .array(column)
          .min(1, 'expected at least one column')
          .describe('Numeric columns. The label is the names of those above 0, joined by `+`, or `none`.'),
      }),
      z.strictObject({
        cross: z
          .array(name)
          .min(2, 'expected at least two segments')
          .describe('Segments, none of them a crossing; the label joins theirs.'),
      }),
    ]),
  )
  .default({})
  .describe('Segments by name: `column` with `bands`, or `flags`, or `cross` (docs/customers.md#segments).');

/** Reason why no rule for the consent of customers is needed, or `undecided`. */
export const consentSchema = z
  .union(
    [z.literal('undecided'), z.strictObject({ none: text.describe('Reason, which every run warns with.') })],
    'expected `undecided` or `{ none: REASON }`',
  )
  .optional()
  .describe(
    'Why no rule for the consent of customers is needed. Without it, runs end with 78 if a column of customers may be a consent and no rule uses one; `undecided`, which `init` may write, always ends them.',
  );

/** Eligibility rules. A rule excludes customers from named products, from the products of a class, or from all products. */
export const rulesSchema = z
  .array(
    z.strictObject({
      reason: name.describe('Name under which the customers it suppresses are counted.'),
      class: productClass.optional().describe('Class that the rule suppresses; all classes without it.'),
      products: z
        .array(text)
        .min(1, 'expected at least one code')
        .max(10_000, 'expected at most 10,000 codes')
        .optional()
        .describe('Codes of the products that the rule suppresses, together with equal products; all of the class without it.'),
      require: sql.describe('Predicate over customers. Where it is false or null, the customer gets none of these products.'),
    }),
  )
  .max(30, 'expected at most 30 rules')
  .default([])
  .describe('Eligibility rules, at most 30.');
