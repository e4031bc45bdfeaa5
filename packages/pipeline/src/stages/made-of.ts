import { createHash } from 'node:crypto';
import { type ExtractRequest, ifThere } from '@basketwise/data';
import type { CampaignPlan } from '@basketwise/recommend';
import { planCampaigns } from '../config/campaign-plan.ts';
import { settingsPath } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { isPushdown, sourceIdentity } from '../drivers/drivers.ts';
import { hashFile } from '../run/files.ts';
import { keyOfNights } from '../run/published-runs.ts';
import type { MadeOf } from '../run/stage-record.ts';
import { extractRequest } from '../source/extract-request.ts';
import type { RunPlan } from './run-plan.ts';

/** Parts that earlier nights are: they may change while a run is the same. */
export const nightParts = ['night before', 'control of nights before'] as const;
const [nightBeforeName] = nightParts;
export const nightsOfControl = nightParts[1];

/** Parts of a config, of files and of nights, by names for people. */
export type StageInputs = Readonly<Record<string, unknown>>;

/** Sources of the parts of stages. */
export interface Given {
  plan: RunPlan;
  config: Config;
  campaigns: readonly CampaignPlan[];
  request: ExtractRequest;
}

/** Sources of the parts of a run's stages; null for work in Hive, and where data has no hash. */
export function givenOf(plan: RunPlan): Given | null {
  const { config } = plan.settings;
  if (isPushdown(config) || plan.identity.input === null) return null;
  const { referenceDate } = plan.identity;
  const request = extractRequest(config, referenceDate, { dates: plan.dates, tableDate: referenceDate, kept: plan.kept });
  return { plan, config, campaigns: planCampaigns(config), request };
}

/** Parts that say who the customers are and what they hold: holdings of snapshots with the same are the same. Null where data has no hash. */
export function holdingsParts(plan: RunPlan): MadeOf | null {
  return plan.identity.input === null ? null : hashed(basis(plan));
}

/** Parts of every stage. */
export function basis({ settings: { config }, identity: { code, referenceDate, input } }: RunPlan): StageInputs {
  const tables = [sourceIdentity(config.source), config.tables];
  // a key that is no stage's is everybody's
  const others = Object.entries(config).filter(([key]) => !keysOfStages.has(key));
  return { program: code, 'reference date': referenceDate, data: input, tables, 'other keys': others };
}

/** Keys of the config that are parts of single stages, or that do not change results. */
const keysOfStages: ReadonlySet<string> = new Set([
  ...['reference_date', 'source', 'tables', 'guards', 'derive', 'recency', 'clusters', 'segments', 'rules', 'features'],
  ...['campaigns', 'model', 'fallback', 'top_n', 'workers', 'evaluate', 'tune', 'calibrate', 'output', 'log'],
]);

/** The night that drift compares with. */
export function nightBeforePart({ previous }: RunPlan): StageInputs {
  return { [nightBeforeName]: keyOfNights(previous ? [previous] : []) };
}

/** Cluster schemes, and the model files that they are assigned by: where there is none yet, the stage fits one, and keeps it there. */
export async function clusterParts(schemes: readonly string[], given: Given): Promise<StageInputs> {
  const { settings } = given.plan;
  const parts = schemes.map(async (name): Promise<[string, unknown]> => {
    const { model, ...how } = settings.config.clusters[name]!;
    const path = model === undefined ? null : settingsPath(settings, model);
    const file = path === null ? null : ((await ifThere(path, hashFile(path))) ?? 'none');
    const columns = requestedColumns(given, [...how.numeric, ...how.categorical]);
    return [`clusters.${name}`, { how, file, columns }];
  });
  return Object.fromEntries(await Promise.all(parts));
}

/** A campaign but for its rules. */
export function withoutRules({ rules: _, ...plan }: CampaignPlan): StageInputs {
  return plan;
}

/** Columns as the snapshot has them: each as number where anything counts with it. */
export function requestedColumns({ request }: Given, names: readonly string[]): unknown {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return request.columns.filter(({ name }) => wanted.has(name.toLowerCase()));
}

/** A hash of each part. */
export function hashed(parts: StageInputs): MadeOf {
  return Object.fromEntries(
    Object.entries(parts).map(([part, value]) => [part, createHash('sha256').update(JSON.stringify(value)).digest('hex')]),
  );
}
