import { usualBands } from '@basketwise/core/kinds';
import { z } from 'zod';
import { column, name, number, productClass, span, sql, text } from '../values/schemas.ts';

/** Recency bands, most recent first; the last one has no `within` and takes the rest, undated holdings too. */
export const recencySchema = z
  .strictObject({
    bands: z
      .array(z.strictObject({ within: span.optional(), weight: number.positive('expected a weight above 0') }))
      .min(1, 'expected at least one band')
      .max(200, 'expected at most 200 bands'),
  })
  .prefault({ bands: usualBands });

const band = z.strictObject({
  label: text,
  null: z.literal(true).optional(),
  equals: number.optional(),
  from: number.optional(),
  above: number.optional(),
  to: number.optional(),
});

/** Rule segments by name: bands of a column, flags, or the crossing of two or more. */
export const segmentsSchema = z
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
export const rulesSchema = z
  .array(z.strictObject({ reason: name, class: productClass.optional(), require: sql }))
  .max(30, 'expected at most 30 rules')
  .default([]);
