import { type PostgresSettings, parseAddress } from '@basketwise/data/base';
import { z } from 'zod';
import { text, time, variable } from '../values/schemas.ts';
import { tls } from './tls-settings.ts';

/** Keys of a connection to a database. Only the environment has the address, because it can contain a password. */
const access = {
  url_env: variable.describe('Environment variable that holds postgres://user:password@host:port/database.'),
  tls: tls.optional().describe('Encrypts the connection; `{}` trusts the authorities that Node trusts.'),
  connect_timeout: time.prefault('10s').describe('Longest time to connect.'),
  statement_timeout: time.prefault('30m').describe('Longest time of a statement; then it is cancelled.'),
};

/** PostgreSQL database as a source. Tables named without a schema are in `schema`. */
export const postgresSource = z.strictObject({
  ...access,
  schema: text.default('public').describe('Schema of tables that are named without one.'),
});

/** Name of a table. PostgreSQL limits names to 63 bytes, and Basketwise appends suffixes. */
const tableName = text.refine((name) => Buffer.byteLength(name) <= 40, 'expected a name of at most 40 bytes');

/** PostgreSQL tables for the recommendations and, with `offers`, for the offers. */
export const postgresOutput = z.strictObject({
  ...access,
  schema: text.default('public').describe('Schema of the tables; it must exist.'),
  table: tableName.default('recommendations').describe('Table of the recommendations, partitioned by date; at most 40 bytes.'),
  offers_table: tableName.default('offers').describe('Table of the offers; at most 40 bytes.'),
  readers: z.array(text).default([]).describe('Roles that may read the tables.'),
});

/** Connection to a database, as configured. */
export type PostgresAccess = z.output<z.ZodObject<typeof access>>;

/** Server and name of a database. */
type PostgresPlace = Pick<PostgresSettings, 'host' | 'port' | 'database'>;

/** Host, port and name of the database, from the environment variable `url_env`. Null if the variable is unset or invalid. */
export function postgresPlace({ url_env }: Pick<PostgresAccess, 'url_env'>): PostgresPlace | null {
  try {
    const { host, port, database } = parseAddress(process.env[url_env] ?? '', url_env);
    return { host, port, database };
  } catch {
    return null;
  }
}
