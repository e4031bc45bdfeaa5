import { z } from 'zod';
import { column, name, share, size, sql, text, time, timeZone } from '../values/schemas.ts';

const hive = z.strictObject({
  host: text,
  port: z.int().min(1).max(65_535).default(10_000),
  database: text.default('default'),
  auth: z.enum(['none', 'ldap', 'kerberos', 'nosasl']).default('none'),
  user: text.optional(),
  password_env: text.optional(),
  transport: z.enum(['binary', 'http']).default('binary'),
  http_path: text.optional(),
  /** Settings of the session, such as the queue. */
  session: z.record(text, text).optional(),
  pushdown: z.boolean().default(false),
  work_tables: z
    .strictObject({ schema: text, prefix: name.default('bw_'), format: z.enum(['orc', 'parquet']).default('orc') })
    .optional(),
  connect_timeout: time.default(10_000),
  statement_timeout: time.default(1_800_000),
});

/** Where the data is, and what the engine may use. */
export const source = z.strictObject({
  engine: z.enum(['duckdb', 'hive']).default('duckdb'),
  path: text.default('./data'),
  encoding: z.enum(['utf-8', 'cp949']).default('utf-8'),
  time_zone: timeZone.optional(),
  memory: size.default(4 * 2 ** 30),
  hive: hive.optional(),
});

/** A table: `from` a file, a glob or a table, or `sql` instead. */
const table = { from: text.optional(), sql: sql.optional() };

/** The three tables of a bank, and what its columns are called. */
export const tables = z.strictObject({
  customers: z.strictObject({
    ...table,
    id: column,
    /** The day somebody became a customer. */
    since: column.optional(),
    /** What the customers table was like: a row a customer and date. */
    history: z.strictObject({ ...table, id: column, date: column }).optional(),
  }),
  products: z.strictObject({
    ...table,
    code: column,
    name: column,
    class: column,
    sale_end: column.nullable().default(null),
    group: column.nullable().default(null),
  }),
  holdings: z.strictObject({
    ...table,
    customer: column,
    product: column,
    by: z.enum(['name', 'code']).default('name'),
    date: column.nullable().default(null),
    closed: column.nullable().default(null),
    where: sql.nullable().default(null),
  }),
});

/** What may change against the previous run before a run is stopped. */
export const guards = z
  .strictObject({
    max_row_drop: share.default(0.2),
    max_unknown_products: share.default(0.01),
    max_unknown_customers: share.default(0.05),
    max_without_holdings_rise: share.default(0.05),
    max_share_change: share.default(0.1),
  })
  .prefault({});

/** Columns derived from the customers table: SQL by name. */
export const derive = z.record(column, sql).default({});
