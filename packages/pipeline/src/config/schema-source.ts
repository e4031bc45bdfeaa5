import { dateFormatFault } from '@basketwise/data';
import { z } from 'zod';
import { column, share, sql, text, whole } from '../values/schemas.ts';

const dateFormat = text.superRefine((format, context) => {
  const fault = dateFormatFault(format);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

/** Keys of a table: `from` names a file, a pattern of files or a table; `sql` is a query instead. */
const tableKeys = {
  from: text.optional().describe('File, pattern of files, or table. Exactly one of `from` and `sql` is required.'),
  sql: sql.optional().describe('Query that returns the table, in the SQL of the engine (docs/tables.md).'),
  date_format: z
    .record(column, dateFormat)
    .optional()
    .describe(
      'Formats of columns with dates that are neither DATE nor ISO texts, such as `{ OPENED: DD/MM/YYYY }`; `excel` for serial days (docs/tables.md#foreign-dates-and-numbers).',
    ),
  decimal_comma: z
    .array(column)
    .optional()
    .describe('Columns with numbers that have a decimal comma, with or without points between thousands.'),
};

/** Tables of a bank (customers, products, holdings and optionally contacts), with the names of their columns. */
export const tablesSchema = z
  .strictObject({
    customers: z
      .strictObject({
        ...tableKeys,
        id: column.describe('Id of the customer; unique.'),
        since: column
          .optional()
          .describe(
            'Day on which the customer joined. Customers who joined later than a date do not count at that date (docs/config.md#tables).',
          ),
        shared: z
          .array(column)
          .optional()
          .describe(
            'Columns whose value several customers share, such as a household. A run refuses rows that look like versions of one person by another column (docs/tables.md).',
          ),
        history: z
          .strictObject({
            ...tableKeys,
            id: column.describe('Id of the customer.'),
            date: column.describe('Day from which the row holds.'),
          })
          .optional()
          .describe('Earlier states of the customers table, a row for each customer and date (docs/customers.md).'),
      })
      .describe('Customers, one row each.'),
    products: z
      .strictObject({
        ...tableKeys,
        code: column.describe('Code of the product; unique.'),
        name: column.describe('Name of the product.'),
        class: column.describe("Class of the product in the bank's own words, such as deposit or fund."),
        sale_start: column
          .nullable()
          .default(null)
          .describe(
            'Day on which sales begin. Null or blank: on sale since ever. Products whose sale begins after the reference date are in no list and train nothing.',
          ),
        sale_end: column
          .nullable()
          .default(null)
          .describe(
            'Day on which sales end. Null, blank or a day from 9999-12-31 on: on sale. Products whose sale has ended train, and are not recommended.',
          ),
        group: column
          .nullable()
          .default(null)
          .describe('Equivalence group: products with equal values count as one (docs/config.md#campaigns).'),
      })
      .describe('Products, one row each.'),
    holdings: z
      .strictObject({
        ...tableKeys,
        customer: column.describe('Id of the customer.'),
        product: column.describe('Name or code of the product.'),
        by: z.enum(['name', 'code']).default('name').describe('Whether `product` holds names or codes.'),
        date: column
          .nullable()
          .default(null)
          .describe('Day on which the holding was opened. A holding without a day is in the last recency band.'),
        closed: column
          .nullable()
          .default(null)
          .describe('Day on which the holding ended. Null, blank or a day from 9999-12-31 on: open.'),
        where: sql.nullable().default(null).describe('Predicate over holdings; the others are left out.'),
      })
      .describe('Holdings: a row for each customer and product.'),
    contacts: z
      .strictObject({
        ...tableKeys,
        customer: column.describe('Id of the customer.'),
        what: column.describe('Product or campaign that the contact was about.'),
        by: z.enum(['code', 'name', 'campaign']).default('code').describe('Whether `what` holds codes, names or campaigns.'),
        when: column.describe('Day of the contact. Rows after the reference date are ignored.'),
        answer: column.nullable().default(null).describe("The customer's answer, in the words of `offers.contacts.answers`."),
      })
      .optional()
      .describe(
        'Earlier contacts with customers, for cool-off periods: a row for each contact that took place (docs/offers.md#the-config).',
      ),
  })
  .describe('Tables of the bank, and the names of their columns.');

/** Limits on the changes of a run's data against the previous run. A run beyond a limit stops. */
export const guardsSchema = z
  .strictObject({
    max_row_drop: share
      .default(0.2)
      .describe(
        'Largest share of rows that a table, or the holdings of a class with at least 100 rows, may lose against the last successful run.',
      ),
    max_unknown_products: share
      .default(0.01)
      .describe('Largest share of holdings, after `where`, whose product is not in the products table.'),
    max_unknown_customers: share
      .default(0.05)
      .describe('Largest share of holdings, after `where`, whose customer is not in the customers table.'),
    max_days_old: whole(0, 1_000_000)
      .default(30)
      .describe(
        'Most days from the newest opening of a holding to the reference date: older tables are probably those of an earlier delivery.',
      ),
    max_value_drop: share
      .default(0.5)
      .describe(
        'Largest share of its values that a column with at least 100 may lose against the last successful run, such as the days of closing. Rows that `where` leaves out, and customers excluded by a rule, count alike.',
      ),
    max_without_holdings_rise: share
      .default(0.05)
      .describe('Largest rise of the share of customers without holdings against the last successful run.'),
    max_share_change: share
      .default(0.1)
      .describe(
        'Largest change of a share against that run, in either direction: of a class among the holdings, of a cluster of a saved model, of the customers that a rule allows. 0.1 allows a change from 30 to 40 %.',
      ),
  })
  .prefault({})
  .describe(
    'Checks that stop a run with exit code 65 (docs/operations.md#a-guard-has-stopped-the-run). A share of 1 turns one off.',
  );

/** SQL of each column that is derived from the customers table, by the name of the column. */
export const deriveSchema = z
  .record(column, sql)
  .default({})
  .describe(
    'Columns derived from the customers table: SQL by name, for use in all keys below. They may build on each other, over 64 levels at most.',
  );
