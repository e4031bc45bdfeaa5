import { join } from 'node:path';
import type { PlainDate } from '@basketwise/core/parts';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Source } from '../drivers/driver.ts';
import { lastAttempt } from '../run/attempts.ts';
import { type RunIdentity, runName } from '../run/identity.ts';
import { differences, type StageElsewhere, stagesElsewhere } from '../run/stage-elsewhere.ts';
import { type MadeOf, readRecord } from '../run/stage-record.ts';
import { nightParts } from './made-of.ts';
import { planRun } from './run-plan.ts';
import { madeOfStages, stageNames } from './run-stages.ts';
import { stages } from './stages.ts';

/** Plan of a run for a stage. */
export interface PlannedStage {
  name: string;
  /** `skipped`: finished in this run. `taken`: from another run with equal inputs. `done`: it would run. */
  would: 'skipped' | 'taken' | 'done';
  /** Source run, or the run that `changed` refers to. Absent if no other run has finished the stage. */
  run?: string;
  /** Inputs that differ from that run's. */
  changed?: readonly string[];
  /** Whether it has unknown inputs, such as the time. Only this run's own result is then accepted. */
  always?: true;
}

/**
 * Determines the run of a date, and its plan for each of its stages. Files are not read: a run that finds one damaged repeats its
 * stage.
 * @param aside whether it is a run of only some campaigns
 */
export async function plannedRun(
  settings: Settings,
  referenceDate: PlainDate,
  source: Source,
  aside: boolean,
): Promise<{ run: string; stages: PlannedStage[] }> {
  const { config } = settings;
  const plan = await planRun(settings, referenceDate, source, aside);
  const output = settingsPath(settings, config.output.dir);
  const planned = await plannedStages(output, plan.identity, stageNames(stages, config), madeOfStages(stages, plan));
  return { run: runName(plan.identity), stages: planned };
}

async function plannedStages(
  output: string,
  identity: RunIdentity,
  names: readonly string[],
  madeOf: (stage: string) => Promise<MadeOf | null>,
): Promise<PlannedStage[]> {
  const own = await lastAttempt(output, runName(identity));
  const planned: PlannedStage[] = [];
  for (const name of names) {
    const isOwn = planned.every(({ would }) => would === 'skipped');
    const record = isOwn ? await readRecord(join(output, 'runs', own), name) : undefined;
    const wanted = await madeOf(name);
    if (record?.hash === identity.hash && isOfSameNights(record.made, wanted)) planned.push({ name, would: 'skipped' });
    else planned.push(plannedOf(name, wanted, await stagesElsewhere(output, own, name)));
  }
  return planned;
}

/** Whether a stage of the run has read the earlier runs that count now. */
function isOfSameNights(made: MadeOf | null, wanted: MadeOf | null): boolean {
  return made === null || wanted === null || nightParts.every((part) => made[part] === wanted[part]);
}

function plannedOf(name: string, wanted: MadeOf | null, others: readonly StageElsewhere[]): PlannedStage {
  if (wanted === null) return { name, would: 'done', always: true };
  const compared = others.flatMap(({ run, record: { made } }) => (made ? [{ run, changed: differences(made, wanted) }] : []));
  const [nearest] = compared.sort((a, b) => a.changed.length - b.changed.length);
  if (!nearest) return { name, would: 'done' };
  return nearest.changed.length === 0 ? { name, would: 'taken', run: nearest.run } : { name, would: 'done', ...nearest };
}
