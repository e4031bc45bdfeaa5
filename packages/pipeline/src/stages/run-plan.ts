import type { PlainDate } from '@basketwise/core/parts';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Source } from '../drivers/driver.ts';
import { featureDates } from '../features/feature-plan.ts';
import { type KeptPast, ownPasts } from '../features/kept-features.ts';
import { findInputs, identifyRun, type RunIdentity } from '../run/identity.ts';
import type { InputFiles } from '../run/input-files.ts';
import { nightBefore } from '../run/latest.ts';
import type { PublishedRun } from '../run/published-runs.ts';

/** Inputs of a run, determined before its first stage. */
export interface RunPlan {
  settings: Settings;
  identity: RunIdentity;
  /** Dates of the requested feature values, the reference date first. */
  dates: readonly PlainDate[];
  /** Feature values that earlier runs have saved. */
  kept: readonly KeptPast[];
  /** Input files. Null if the tables are not files. */
  inputs: InputFiles | null;
  /** Earlier run with which this run is compared. */
  previous: PublishedRun | undefined;
}

/** Determines the inputs of a run, and its identity. @param damaged called if the record of published runs is damaged */
export async function planRun(
  settings: Settings,
  referenceDate: PlainDate,
  { workbench }: Source,
  aside?: boolean,
  damaged?: (problem: string) => void,
): Promise<RunPlan> {
  const output = settingsPath(settings, settings.config.output.dir);
  const dates = featureDates(settings.config, referenceDate);
  const kept = await ownPasts(output, dates.slice(1), settings.config);
  const inputs = await findInputs(settings, workbench);
  const identity = await identifyRun(settings, referenceDate, inputs, kept, aside);
  return { settings, identity, dates, kept, inputs, previous: await nightBefore(output, referenceDate, damaged) };
}
