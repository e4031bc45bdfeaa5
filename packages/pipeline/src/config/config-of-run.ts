import { type Config, configSchema } from './schema.ts';

/**
 * Config of a finished run, from the run's manifest. A key that the manifest lacks gets its default, not its value in the present
 * config file. A manifest contains no secrets, and no locations of source and output.
 */
export function configOfRun(written: Partial<Config>): Config {
  const defaults = Object.entries(configSchema.shape).map(([key, schema]) => [key, schema.safeParse(undefined).data]);
  const { source, output, ...all } = Object.fromEntries(defaults) as Config;
  return { ...all, ...written, source: { ...source, ...written.source }, output: { ...output, ...written.output } } as Config;
}
