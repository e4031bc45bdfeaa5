import { kernelHash } from '@basketwise/core';
import type { ConfigPath } from '../config/problems.ts';
import { writtenOutput } from '../config/schema.ts';
import type { AnyDriver } from '../drivers/driver.ts';
import { drivers } from '../drivers/drivers.ts';
import type { RunReport } from '../report/run-report.ts';
import type { RunContext } from './run-context.ts';

/** Manifest of a finished run: its inputs and results. Independent of the time and place of the run. */
export function manifestOf({ folder, settings }: RunContext, report: RunReport) {
  const { referenceDate, hash, code, config, input, aside } = folder.identity;
  const { workers: _workers, log: _log, release: _release, output, source, ...rest } = settings.config;
  return {
    ...{
      version: 1,
      run: folder.name,
      ...(aside && { aside }),
      referenceDate,
      hash,
      inputs: { code, config, files: input, kernels: kernelHash },
    },
    config: redact({
      ...rest,
      source: { engine: source.engine, encoding: source.encoding },
      output: writtenOutput(output),
    }),
    extract: report.extract,
    ...(report.features && { features: report.features }),
    segments: report.segments,
    clusters: report.clusters,
    choices: report.choices,
    trainings: report.trainings,
    verdicts: report.verdicts,
    probability: report.probability,
    earlier: report.earlier,
    campaigns: report.campaigns,
    ...(report.offers && { offers: report.offers }),
    warnings: report.warnings,
    // Files of the report are left out, because they contain times, which differ between runs.
    files: folder.files.filter(({ file }) => !file.startsWith('report.')),
  };
}

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
