import type { AnyDriver } from '../drivers/driver.ts';
import { drivers } from '../drivers/drivers.ts';
import type { ConfigPath } from './problems.ts';

/**
 * Paths of the config's keys that can contain a secret; `*` stands for any key. Keys such as `password_env` are absent, because
 * they contain the name of an environment variable.
 */
const secretPaths: readonly ConfigPath[] = (drivers as readonly AnyDriver[]).flatMap(({ secrets = [] }) =>
  secrets.map((path) => ['source', ...path]),
);

/**
 * Copy of a config, or of a part of one, with `[redacted]` in place of possible secrets. Secrets are found by their path, so a
 * campaign named `passbook-cross` stays.
 * @param path position of the part in the config
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
