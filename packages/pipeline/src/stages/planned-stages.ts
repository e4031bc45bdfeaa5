import { join } from 'node:path';
import type { PlainDate } from '@basketwise/core';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Source } from '../drivers/driver.ts';
import { lastAttempt } from '../run/attempts.ts';
import { type RunIdentity, runName } from '../run/identity.ts';
import { differences, type MadeOf, readRecord, type StageElsewhere, stagesElsewhere } from '../run/stage-record.ts';
import { nightParts } from './made-of.ts';
import { madeOfStages, stageNames } from './run-stages.ts';
import { planRun } from './site.ts';
import { stages } from './stages.ts';

/** Stage of a planned run, and how the run would get its result. */
export interface PlannedStage {
  name: string;
  /** `skipped`: the stage is finished in this run. `taken`: the result would come from another run with equal inputs. `done`: the stage would run. */
  would: 'skipped' | 'taken' | 'done';
  /**
   * For `taken`, the run with the result. For `done`, the run whose inputs differ least; `changed` lists the differences. Absent
   * if no other run has finished the stage.
   */
  run?: string;
  /** Names of the inputs that differ from those of `run`. */
  changed?: readonly string[];
  /** Whether the stage has unknown inputs, such as the time. Then only this run's own result is accepted. */
  always?: true;
}

/**
 * Determines the run of a reference date, and how it would get the result of each stage. Files of finished stages are not read. A
 * run that finds a damaged file repeats the stage.
 * @param aside whether the run has only some campaigns
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

/** Whether a finished stage has read the same earlier runs that it would read now. */
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
