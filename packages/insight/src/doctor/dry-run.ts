import { AppError, type PlainDate } from '@basketwise/core';
import type { SourceRows } from '@basketwise/data';
import {
  checkLevelsOf,
  checkWritten,
  consentWarnings,
  needCampaigns,
  needConsent,
  type PlannedStage,
  plannedRun,
  type Settings,
  settingsPath,
  threadCount,
} from '@basketwise/pipeline';
import { checkTables, withSource } from './doctor.ts';
import { bytesText, estimateNeed, type Need } from './need.ts';
import { checkOfferedProducts } from './offer-check.ts';

/** Plan of a run: the stages that it would execute, and the memory and disk that it needs. */
export interface DryRun {
  run: string;
  /** Absolute path of `output.dir`. */
  output: string;
  /** Stages of the run, in order. */
  stages: readonly PlannedStage[];
  rows: SourceRows;
  need: Need;
  /** Possible faults that do not stop the run. */
  warnings: readonly string[];
}

/**
 * Makes all checks that a run makes before the extraction. Also checks the features, and the offers against the products.
 * Estimates the memory and disk that the run needs. Writes nothing.
 * @param aside whether the run is limited to some of the campaigns
 * @throws AppError in the cases in which the run throws it
 */
export async function dryRun(settings: Settings, date?: PlainDate, aside = false): Promise<DryRun> {
  const referenceDate = date ?? settings.config.reference_date;
  if (!referenceDate) throw new AppError('config', 'reference_date: required, and missing', 'Set it, or give --reference-date.');
  needCampaigns(settings.config);
  needConsent(settings);
  await checkWritten(settings);
  const threads = threadCount(settings.config.workers);
  const output = settingsPath(settings, settings.config.output.dir);
  const { planned, checked, unvalued } = await withSource(settings, threads, async (source, spill) => {
    const found = {
      planned: await plannedRun(settings, referenceDate, source, aside),
      checked: await checkTables(source, settings, referenceDate),
    };
    needConsent(settings, found.checked.consents);
    await checkLevelsOf(source, settings.config, referenceDate);
    return { ...found, unvalued: await checkOfferedProducts(source, settings.config, referenceDate, spill) };
  });
  const warnings = [...consentWarnings(checked.consents), ...(unvalued === null ? [] : [`${unvalued.text}. ${unvalued.hint}`])];
  return { ...planned, output, rows: checked.rows, need: estimateNeed(settings.config, checked.rows, checked.choices), warnings };
}

/** Dry run as text for the terminal. */
export function dryRunText({ run, output, stages, rows, need, warnings }: DryRun): string {
  return [
    `run ${run} would be written to ${output}`,
    `reads    ${rows.customers} customers, ${rows.products} products, ${rows.holdings} holdings`,
    ...stages.map((stage, i) => `${i === 0 ? 'stages   ' : '         '}${plannedText(stage)}`),
    `memory   at most ${bytesText(need.memory)} (kernels ${bytesText(need.kernels)}), an estimate`,
    `disk     at most ${bytesText(need.disk)}, an estimate`,
    ...warnings.map((warning) => `warning  ${warning}`),
    'nothing was written\n',
  ].join('\n');
}

/** Text that says whether a run would execute a stage, and why. */
function plannedText({ name, would, run, changed, always }: PlannedStage): string {
  if (would === 'skipped') return `${name}: skipped, as this run has done it`;
  if (would === 'taken') return `${name}: taken from ${run}`;
  if (always) return `${name}: done`;
  if (!changed) return `${name}: done, as no other run has what it is made of`;
  return `${name}: done, as other than in ${run}: ${changed.join(', ')}`;
}
