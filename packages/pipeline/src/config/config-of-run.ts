import { type Config, configSchema } from './schema.ts';

/**
 * Config of a run, from its manifest: keys that it left out have their defaults, not the values of the present file. Places and secrets are
 * not in a manifest.
 */
export function configOfRun(written: Partial<Config>): Config {
  const defaults = Object.entries(configSchema.shape).map(([key, schema]) => [key, schema.safeParse(undefined).data]);
  const { source, output, ...all } = Object.fromEntries(defaults) as Config;
  return { ...all, ...written, source: { ...source, ...written.source }, output: { ...output, ...written.output } } as Config;
}
