import { z } from 'zod';
import { column, share, sql, text } from '../values/schemas.ts';

/** A table: `from` a file, a glob or a table, or `sql` instead. */
const tableKeys = { from: text.optional(), sql: sql.optional() };

/** The three tables of a bank, and what its columns are called. */
export const tablesSchema = z.strictObject({
  customers: z.strictObject({
    ...tableKeys,
    id: column,
    /** The day somebody became a customer. */
    since: column.optional(),
    /** Earlier states of the customers table: a row for each customer and date. */
    history: z.strictObject({ ...tableKeys, id: column, date: column }).optional(),
  }),
  products: z.strictObject({
    ...tableKeys,
    code: column,
    name: column,
    class: column,
    sale_end: column.nullable().default(null),
    group: column.nullable().default(null),
  }),
  holdings: z.strictObject({
    ...tableKeys,
    customer: column,
    product: column,
    by: z.enum(['name', 'code']).default('name'),
    date: column.nullable().default(null),
    closed: column.nullable().default(null),
    where: sql.nullable().default(null),
  }),
  /** Earlier contacts with customers, which offers go by. */
  contacts: z
    .strictObject({
      ...tableKeys,
      customer: column,
      what: column,
      by: z.enum(['code', 'name', 'campaign']).default('code'),
      when: column,
      answer: column.nullable().default(null),
    })
    .optional(),
});

/** Limits of what may change against the previous run before a run is stopped. */
export const guardsSchema = z
  .strictObject({
    max_row_drop: share.default(0.2),
    max_unknown_products: share.default(0.01),
    max_unknown_customers: share.default(0.05),
    max_without_holdings_rise: share.default(0.05),
    max_share_change: share.default(0.1),
  })
  .prefault({});

/** Columns derived from the customers table: SQL by name. */
export const deriveSchema = z.record(column, sql).default({});
