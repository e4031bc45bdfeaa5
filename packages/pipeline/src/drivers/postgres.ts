import { AppError } from '@basketwise/core/error';
import { type PostgresSettings, postgresDialect } from '@basketwise/data/base';
import type { z } from 'zod';
import { defineDriver } from './driver.ts';
import { postgresSource as options, postgresPlace, postgresSettings } from './postgres-settings.ts';
import { checkServer } from './server-check.ts';
import { serverSource } from './server-source.ts';

interface PostgresSource {
  postgres?: z.output<typeof options> | undefined;
  time_zone?: string | undefined;
}

function sourceSettings({ postgres, time_zone }: PostgresSource, path: (relative: string) => string): PostgresSettings {
  if (postgres) return { ...postgresSettings('source.postgres', postgres, path), timeZone: time_zone, schema: postgres.schema };
  throw new AppError(
    'config',
    'source.postgres: required, and missing',
    'Say where the database is: source.postgres: { url_env }.',
  );
}

/** PostgreSQL: the server writes rows, the workbench reads them. */
export const postgres = defineDriver({
  engine: 'postgres',
  dialect: postgresDialect,
  keys: { postgres: options.optional().describe('PostgreSQL database (docs/postgres.md).') },
  problems({ postgres }, chosen) {
    if (chosen && !postgres) return [{ path: ['engine'], message: '`engine: postgres` needs `postgres: { url_env }`' }];
    return [];
  },
  async open({ source, path, workbench }) {
    const { PostgresEngine } = await import('@basketwise/data');
    return serverSource(new PostgresEngine(sourceSettings(source, path)), workbench);
  },
  /** Identity of the tables: names alone would be the same in every database. */
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
  async *check({ source, path }, request, signal) {
    const settings = sourceSettings(source, path);
    const server = { name: `PostgreSQL at ${settings.host}:${settings.port}/${settings.database}`, login: `as ${settings.user}` };
    const { PostgresEngine } = await import('@basketwise/data');
    yield* checkServer(new PostgresEngine(settings), server, request, signal);
  },
});
