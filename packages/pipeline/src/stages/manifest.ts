import { kernelHash } from '@basketwise/core/parts';
import { redact } from '../config/redact.ts';
import { writtenOutput } from '../config/schema.ts';
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
