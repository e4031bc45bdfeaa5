import { createHash } from 'node:crypto';
import type { ExtractRequest } from '@basketwise/data';
import { hashFile, ifThere } from '@basketwise/data/base';
import type { CampaignPlan } from '@basketwise/recommend';
import { planCampaigns } from '../config/campaign-plan.ts';
import { settingsPath } from '../config/load.ts';
import { type Config, keysOfStages } from '../config/schema.ts';
import { isPushdown, sourceIdentity } from '../drivers/drivers.ts';
import { keyOfNights } from '../run/published-runs.ts';
import type { MadeOf } from '../run/stage-record.ts';
import { extractRequest } from '../source/extract-request.ts';
import type { RunPlan } from './site.ts';

/** Names of the inputs that are earlier runs. These inputs can change while the identity of a run stays equal. */
export const nightParts = ['night before', 'control of nights before'] as const;
const [nightBeforeName] = nightParts;
export const nightsOfControl = nightParts[1];

/** Inputs of a stage, by readable names. They come from the config, from files and from earlier runs. */
export type StageInputs = Readonly<Record<string, unknown>>;

/** Data from which the inputs of stages are determined. */
export interface Given {
  plan: RunPlan;
  config: Config;
  campaigns: readonly CampaignPlan[];
  request: ExtractRequest;
}

/** Data from which the inputs of a run's stages are determined. Null with pushdown, and if the bank's tables have no hash. */
export function givenOf(plan: RunPlan): Given | null {
  const { config } = plan.settings;
  if (isPushdown(config) || plan.identity.input === null) return null;
  const { referenceDate } = plan.identity;
  const request = extractRequest(config, referenceDate, { dates: plan.dates, tableDate: referenceDate, kept: plan.kept });
  return { plan, config, campaigns: planCampaigns(config), request };
}

/**
 * Inputs that determine the customers and their holdings. Runs with equal inputs have equal holdings in their snapshots. Null if
 * the bank's tables have no hash.
 */
export function holdingsParts(plan: RunPlan): MadeOf | null {
  return plan.identity.input === null ? null : hashed(basis(plan));
}

/** Inputs that all stages have. */
export function basis({ settings: { config }, identity: { code, referenceDate, input } }: RunPlan): StageInputs {
  const tables = [sourceIdentity(config.source), config.tables];
  const others = Object.entries(config).filter(([key]) => !keysOfStages.has(key));
  return { program: code, 'reference date': referenceDate, data: input, tables, 'other keys': others };
}

/** Input of stages that compute drift: the earlier run with which the run is compared. */
export function nightBeforePart({ previous }: RunPlan): StageInputs {
  return { [nightBeforeName]: keyOfNights(previous ? [previous] : []) };
}

/**
 * Inputs of cluster schemes: their keys and columns, and the hashes of their saved models. If a saved model is missing, the stage
 * `cluster` fits a model and saves it there.
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

export function withoutRules({ rules: _, withheld: __, ...plan }: CampaignPlan): StageInputs {
  return plan;
}

/** Columns of the extraction request that have the given names. */
export function requestedColumns({ request }: Given, names: readonly string[]): unknown {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return request.columns.filter(({ name }) => wanted.has(name.toLowerCase()));
}

/** sha256 of each input. */
export function hashed(parts: StageInputs): MadeOf {
  return Object.fromEntries(
    Object.entries(parts).map(([part, value]) => [part, createHash('sha256').update(JSON.stringify(value)).digest('hex')]),
  );
}
