import type { PlainDate } from '@basketwise/core/parts';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Source } from '../drivers/driver.ts';
import { featureDates } from '../features/feature-plan.ts';
import { type KeptPast, ownPasts } from '../features/kept-features.ts';
import { findInputs, identifyRun, type RunIdentity } from '../run/identity.ts';
import type { InputFiles } from '../run/input-files.ts';
import { nightBefore } from '../run/latest.ts';
import type { PublishedRun } from '../run/published-runs.ts';

/** Facts of a run before its first stage. */
export interface RunPlan {
  settings: Settings;
  identity: RunIdentity;
  /** The dates that features are wanted of, the reference date first. */
  dates: readonly PlainDate[];
  kept: readonly KeptPast[];
  /** Null where the tables are no files. */
  inputs: InputFiles | null;
  /** The night that drift compares with. */
  previous: PublishedRun | undefined;
}

/** Finds out what a run reads, and by what it is known. @param damaged hears of nights before that cannot be read */
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
