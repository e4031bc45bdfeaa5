import { AppError } from '@basketwise/core';
import { type PostgresSettings, parseAddress } from '@basketwise/data';
import { type PostgresAccess, protectionSettings, type Settings, type SourceConfig, settingsPath } from '@basketwise/pipeline';

type Path = (relative: string) => string;

/** Connection settings of a config's `source.postgres`. @throws AppError config without the key; also the errors of `postgresSettings` */
export function sourceSettings({ postgres, time_zone: timeZone }: SourceConfig, path: Path): PostgresSettings {
  if (postgres) return { ...postgresSettings('source.postgres', postgres, path), timeZone, schema: postgres.schema };
  throw new AppError('config', 'source.postgres: required, and missing', 'Name the database: source.postgres: { url_env }.');
}

/** Connection settings of a config's `output.postgres`. @throws AppError as `postgresSettings` */
export function targetSettings(settings: Settings): PostgresSettings {
  return postgresSettings('output.postgres', settings.config.output.postgres!, (path) => settingsPath(settings, path));
}

/**
 * Settings for a connection to PostgreSQL. They come from the config; the address can come from the environment. `path` converts
 * a path of the config to an absolute one.
 * @param place key of the config, for messages
 * @throws AppError not-permitted if the environment variable is not set, config if it has no address
 */
function postgresSettings(place: string, options: PostgresAccess, path: Path): PostgresSettings {
  const url = process.env[options.url_env];
  if (url === undefined) {
    throw new AppError(
      'not-permitted',
      `${place}.url_env: the environment variable that it names is not set`,
      'Set it to postgres://user:password@host:5432/database, only in the environment of the batch.',
    );
  }
  return {
    ...parseAddress(url, `${place}: the address in the variable that url_env names`),
    ...protectionSettings(options, path),
    ...{ connectTimeout: options.connect_timeout, statementTimeout: options.statement_timeout },
  };
}
