import { createHash } from 'node:crypto';
import type { ExtractRequest } from '@basketwise/data';
import { hashFile, ifThere } from '@basketwise/data/files';
import type { CampaignPlan } from '@basketwise/recommend';
import { planCampaigns } from '../config/campaign-plan.ts';
import { settingsPath } from '../config/load.ts';
import { type Config, keysOfStages } from '../config/schema.ts';
import { isPushdown, sourceIdentity } from '../drivers/drivers.ts';
import { keyOfNights } from '../run/published-runs.ts';
import type { MadeOf } from '../run/stage-record.ts';
import { extractRequest } from '../source/extract-request.ts';
import type { RunPlan } from './run-plan.ts';

/** Inputs that are earlier runs. They can change while a run's identity stays the same. */
export const nightParts = ['night before', 'control of nights before'] as const;
const [nightBeforeName] = nightParts;
export const nightsOfControl = nightParts[1];

/** Inputs from a config, files and earlier runs, by readable names. */
export type StageInputs = Readonly<Record<string, unknown>>;

/** Sources of the inputs of stages. */
export interface Given {
  plan: RunPlan;
  config: Config;
  campaigns: readonly CampaignPlan[];
  request: ExtractRequest;
}

/** Sources of the inputs of a run's stages. Null for work in Hive, and if data have no hash. */
export function givenOf(plan: RunPlan): Given | null {
  const { config } = plan.settings;
  if (isPushdown(config) || plan.identity.input === null) return null;
  const { referenceDate } = plan.identity;
  const request = extractRequest(config, referenceDate, { dates: plan.dates, tableDate: referenceDate, kept: plan.kept });
  return { plan, config, campaigns: planCampaigns(config), request };
}

/**
 * Inputs that determine the customers and their holdings. Equal inputs give equal holdings in the snapshot. Null if data have no
 * hash.
 */
export function holdingsParts(plan: RunPlan): MadeOf | null {
  return plan.identity.input === null ? null : hashed(basis(plan));
}

/** Inputs of every stage. */
export function basis({ settings: { config }, identity: { code, referenceDate, input } }: RunPlan): StageInputs {
  const tables = [sourceIdentity(config.source), config.tables];
  const others = Object.entries(config).filter(([key]) => !keysOfStages.has(key));
  return { program: code, 'reference date': referenceDate, data: input, tables, 'other keys': others };
}

/** Run that drift compares with. */
export function nightBeforePart({ previous }: RunPlan): StageInputs {
  return { [nightBeforeName]: keyOfNights(previous ? [previous] : []) };
}

/**
 * Inputs of cluster schemes: the schemes, and their saved model files. If a file is missing, the stage fits the model and saves
 * it there.
 */
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

/** Campaign without its rules. */
export function withoutRules({ rules: _, withheld: __, ...plan }: CampaignPlan): StageInputs {
  return plan;
}

/** Columns as in the snapshot. A column is a number if any use of it needs a number. */
export function requestedColumns({ request }: Given, names: readonly string[]): unknown {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return request.columns.filter(({ name }) => wanted.has(name.toLowerCase()));
}

/** Hash of each input. */
export function hashed(parts: StageInputs): MadeOf {
  return Object.fromEntries(
    Object.entries(parts).map(([part, value]) => [part, createHash('sha256').update(JSON.stringify(value)).digest('hex')]),
  );
}
