import type { AnyDriver } from '../drivers/driver.ts';
import { drivers } from '../drivers/drivers.ts';
import type { ConfigPath } from './problems.ts';

/**
 * Keys of the config that can contain a secret. `*` is any key. Other keys name the source of a secret (`password_env`), or
 * contain none.
 */
const secretPaths: readonly ConfigPath[] = (drivers as readonly AnyDriver[]).flatMap(({ secrets = [] }) =>
  secrets.map((path) => ['source', ...path]),
);

/**
 * Copy of a config, or of parts of it, with possible secrets replaced. Names of campaigns and columns are not keys of the config:
 * `passbook-cross` stays.
 */
export function redact(config: unknown, path: ConfigPath = []): unknown {
  if (Array.isArray(config)) return config.map((one, i) => redact(one, [...path, i]));
  if (config === null || config === undefined) return config;
  if (secretPaths.some((secret) => isAt(path, secret))) return '[redacted]';
  if (typeof config !== 'object') return config;
  return Object.fromEntries(Object.entries(config).map(([key, inner]) => [key, redact(inner, [...path, key])]));
}

function isAt(path: ConfigPath, secret: ConfigPath): boolean {
  return path.length === secret.length && secret.every((key, i) => key === '*' || key === path[i]);
}
