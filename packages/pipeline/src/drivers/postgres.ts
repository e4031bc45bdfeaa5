import { AppError } from '@basketwise/core/error';
import { postgresDialect } from '@basketwise/data/base';
import { defineDriver } from './driver.ts';
import { postgresSource as options, postgresPlace } from './postgres-settings.ts';

/** Driver of PostgreSQL. The server runs the queries, and the local DuckDB engine stores their rows. */
export const postgres = defineDriver({
  engine: 'postgres',
  package: '@basketwise/postgres',
  dialect: postgresDialect,
  keys: { postgres: options.optional().describe('PostgreSQL database (docs/postgres.md).') },
  problems({ postgres }, chosen) {
    if (chosen && !postgres) return [{ path: ['engine'], message: '`engine: postgres` needs `postgres: { url_env }`' }];
    return [];
  },
  /** Server, database and schema are part of the identity, because databases can have tables of the same names. */
  identity: ({ postgres }) => (postgres ? { postgres: { place: postgresPlace(postgres), schema: postgres.schema } } : {}),
  readsFiles: false,
  dataset({ source: { postgres } }, from) {
    const place = postgresPlace(postgres!);
    const table = from.includes('.') ? from : `${postgres!.schema}.${from}`;
    if (place === null) return { namespace: 'postgres', name: table };
    return { namespace: `postgres://${place.host}:${place.port}`, name: `${place.database}.${table}` };
  },
  sourceAt(variable, { user, passwordEnv, auth, schema }) {
    if (user !== undefined || passwordEnv !== undefined || auth !== undefined)
      throw new AppError(
        'usage',
        'user and password of PostgreSQL are part of its address',
        'Set the variable to postgres://user:password@host:5432/database.',
      );
    return { postgres: { url_env: variable, ...(schema === undefined ? {} : { schema }) } };
  },
});
