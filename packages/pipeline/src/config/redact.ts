import type { AnyDriver } from '../drivers/driver.ts';
import { drivers } from '../drivers/drivers.ts';
import type { ConfigPath } from './problems.ts';

/** Where the config may hold a secret: `*` is any key. Everything else names where secrets come from (`password_env`), or is none. */
const secretPaths: readonly ConfigPath[] = (drivers as readonly AnyDriver[]).flatMap(({ secrets = [] }) =>
  secrets.map((path) => ['source', ...path]),
);

/**
 * A copy of a config, or of some of its parts, in which what may be a secret is replaced. Names that a bank gave to its campaigns and columns
 * are no keys of the config: `passbook-cross` stays.
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
