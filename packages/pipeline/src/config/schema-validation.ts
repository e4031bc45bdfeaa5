import { z } from 'zod';
import { column, number, plainDate, share, text, whole } from '../values/schemas.ts';

const atLeastOne = number.min(1, 'expected at least 1');

const boundsSchema = z
  .strictObject({
    psi: number
      .positive('expected a bound above 0')
      .optional()
      .describe(
        'Largest population stability index of a feature or of the products held, against an earlier run; its noise level counts as zero.',
      ),
    psi_lists: number
      .positive('expected a bound above 0')
      .optional()
      .describe(
        'Largest index of first recommendations or their probabilities, against an earlier run. It includes the noise of models fitted anew: choose it from earlier packs.',
      ),
    same_first: share.optional().describe('Smallest share of customers with the same first product as in an earlier run.'),
    realised: share
      .optional()
      .describe(
        'Smallest NDCG of the lists of an earlier run on the purchases since, over that in the newest test window; the whole interval must be below it.',
      ),
    calibration: atLeastOne
      .optional()
      .describe(
        'Largest factor between purchases and their expectation in any group, also in the newest window; the whole interval must be beyond it.',
      ),
    exposure: share
      .optional()
      .describe(
        'Smallest ratio of the served share of a protected group to that of the largest group; the whole interval must be below it.',
      ),
    weak_slices: whole(0)
      .optional()
      .describe(
        'Largest number of weak slices in all campaigns together: by calibration or, in campaigns without its tests, by NDCG.',
      ),
    gain: number
      .optional()
      .describe('Smallest NDCG of the lists of a campaign minus that of its best baseline; the whole interval must be below it.'),
    changed_lists: share.optional().describe('Largest share of lists that change if 5 % of the customers lose a product.'),
    lost_ndcg: share
      .optional()
      .describe('Largest loss in NDCG by wrong inputs or one learning window less; the whole interval must be above it.'),
  })
  .default({})
  .describe('Bounds of `basketwise validate`: beyond one of them it ends with exit code 76 and names it.');

const protectedColumn = z.union([
  column,
  z.strictObject({
    column: column.describe('Numeric column of the customers table, or a derived one.'),
    bands: z
      .array(number)
      .min(1, 'expected at least one bound')
      .max(20, 'expected at most 20 bounds')
      .describe('Rising lower bounds of its groups after the first.'),
  }),
]);

/** Inventory entry and bounds of a model, for `basketwise validate`. Runs read only its protected columns. */
export const validationSchema = z
  .strictObject({
    owner: text.describe('Unit or person that answers for the model.'),
    purpose: text.describe('Purpose of the lists, in a sentence.'),
    tier: text.describe("The model's tier in the bank's inventory."),
    reviewers: z.array(text).default([]).describe('Units or persons that review the pack.'),
    next_review: plainDate
      .optional()
      .describe(
        'Day of the next review of the model. `validate` of a run as of a later date names it, and ends with exit code 76.',
      ),
    protected: z
      .array(protectedColumn)
      .max(20, 'expected at most 20 columns')
      .default([])
      .describe(
        'Columns of customers that no model may use: runs read them, `validate` reports by them. SQL of a table returns them only under their own names. A column (its 19 most frequent values are groups), or one with bands.',
      ),
    bounds: boundsSchema,
    statements: z
      .record(text, text)
      .default({})
      .describe(
        'Further statements of the bank by heading, such as `developer`, in the order of the pack (docs/audit.md#statements).',
      ),
  })
  .optional()
  .describe('Inventory entry, protected columns and bounds of `basketwise validate` (docs/audit.md).');

/** Column of customers that no model may use. `validate` compares groups of customers: one for each value or band of the column. */
export interface ProtectedColumn {
  column: string;
  /** Rising lower bounds of the groups after the first. Null: each value is a group. */
  bands: readonly number[] | null;
}

/** Protected columns of a config. */
export function protectedColumns(validation: z.output<typeof validationSchema>): ProtectedColumn[] {
  return (validation?.protected ?? []).map((one) => (typeof one === 'string' ? { column: one, bands: null } : one));
}
