import { createHash } from 'node:crypto';
import type { CampaignPlan } from '@basketwise/core/advice';
import { type ExtractRequest, ifThere } from '@basketwise/data';
import { calibrates } from '../config/calibrates.ts';
import { planCampaigns } from '../config/campaign-plan.ts';
import { datedSchemes } from '../config/dated-schemes.ts';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { isPushdown, sourceIdentity } from '../drivers/drivers.ts';
import { featureDates } from '../features/feature-plan.ts';
import type { KeptPast } from '../features/kept-features.ts';
import { hashFile } from '../run/files.ts';
import type { RunIdentity } from '../run/identity.ts';
import { offeringNights } from '../run/offered-before.ts';
import { keyOfNights, type PublishedRun } from '../run/published-runs.ts';
import type { MadeOf } from '../run/stage-record.ts';
import { extractRequest } from '../source/extract-request.ts';

/** Parts of a run, and the run that it is compared with. */
export interface RunParts {
  settings: Settings;
  identity: RunIdentity;
  kept: readonly KeptPast[];
  /** The night that drift compares with. */
  previous: PublishedRun | undefined;
}

/** Parts that are earlier nights: they may change while a run is the same. */
export const nightParts = ['night before', 'control of nights before'] as const;
const [nightBefore, nightsOfControl] = nightParts;

type Parts = Readonly<Record<string, unknown>>;

/**
 * Tells of each stage what it is made of: the parts of the config that it, or a stage whose work it goes on with, depends on, beside program, data and
 * date. Stages of two runs that are made of the same leave the same bytes. Null for the report, which tells times, for a publication, for work in
 * Hive, and where data has no hash.
 */
export function stageParts(run: RunParts): (stage: string) => Promise<MadeOf | null> {
  const { config } = run.settings;
  if (isPushdown(config) || run.identity.input === null) return async () => null;
  const plans = planCampaigns(config);
  const request = extractRequest(config, run.identity.referenceDate, {
    ...{ dates: featureDates(config, run.identity.referenceDate), tableDate: run.identity.referenceDate, kept: run.kept },
  });
  const base = basis(run);
  return async (stage) => {
    const parts = await partsOf(stage, { run, config, plans, request });
    return parts && hashed({ ...base, ...parts });
  };
}

/** Parts that say who the customers are and what they hold: holdings of snapshots with the same are the same. */
export function holdingsParts(run: RunParts): MadeOf | null {
  return run.identity.input === null ? null : hashed(basis(run));
}

function basis({ settings: { config }, identity: { code, referenceDate, input } }: RunParts): Parts {
  const tables = [sourceIdentity(config.source), config.tables];
  // a key that is no stage's is everybody's
  const others = Object.entries(config).filter(([key]) => !keysOfStages.has(key));
  return { program: code, 'reference date': referenceDate, data: input, tables, 'other keys': others };
}

/** Keys of the config that are told stage by stage, or that nothing depends on but how, where and whether a run goes on. */
const keysOfStages: ReadonlySet<string> = new Set([
  ...['reference_date', 'source', 'tables', 'guards', 'derive', 'recency', 'clusters', 'segments', 'rules', 'features'],
  ...['campaigns', 'model', 'fallback', 'top_n', 'workers', 'evaluate', 'tune', 'calibrate', 'output', 'log'],
]);

/** Keys of the output that shape what is published. */
function publishedBy({
  dir: _,
  keep: _k,
  report: _r,
  hive: _h,
  spark: _s,
  results: _e,
  metrics: _m,
  lineage: _l,
  ...rest
}: Config['output']): Parts {
  return rest;
}

interface Given {
  run: RunParts;
  config: Config;
  plans: readonly CampaignPlan[];
  request: ExtractRequest;
}

async function partsOf(stage: string, given: Given): Promise<Parts | null> {
  const { config, plans, run } = given;
  const plan = plans.find(({ name }) => stage === `train-${name}`);
  if (plan) return await training(plan, given);
  const schemes = Object.keys(config.clusters);
  const parts: Readonly<Record<string, () => Parts | Promise<Parts>>> = {
    extract: () => extraction(given),
    features: () => features(given),
    segment: () => ({
      ...{ derive: config.derive, segments: config.segments, columns: columnsOf(given, segmentColumns(config)) },
      ...{ ids: config.output.parquet ?? null, [nightBefore]: keyOfNights(run.previous ? [run.previous] : []) },
    }),
    cluster: async () => ({
      derive: config.derive,
      ...(await clustering(schemes, given)),
      ...{
        report: config.output.report,
        ids: config.output.parquet ?? null,
        [nightBefore]: keyOfNights(run.previous ? [run.previous] : []),
      },
    }),
    choose: () => choosing(given),
    calibrate: () => calibrating(given),
    publish: async () => {
      const trained = await Promise.all(plans.map((one) => training(one, given)));
      return {
        ...Object.assign({}, ...trained, calibrates(config) ? await calibrating(given) : {}),
        ...{ ...features(given), calibrate: calibrates(config), campaigns: config.campaigns },
        ...{ rules: given.request.rules, recency: config.recency, fallback: config.fallback ?? null, top_n: config.top_n },
        output: publishedBy(config.output),
      };
    },
    decide: async () => ({
      ...(await parts.publish!()),
      ...{ offers: config.offers ?? null, segments: config.segments, ...(await clustering(schemes, given)) },
      [nightsOfControl]: config.offers ? await controlBefore(given) : '',
    }),
  };
  return (await parts[stage]?.()) ?? null;
}

function extraction({ request, config }: Given): Parts {
  const { columns, predicates, rules } = request;
  return {
    derive: config.derive,
    columns,
    'clusters.where': predicates,
    rules,
    features: request.features ?? null,
    offers: request.offers ?? null,
  };
}

function features({ request, config }: Given): Parts {
  return { derive: config.derive, features: [config.features ?? null, request.features ?? null] };
}

/** A model is fitted on baskets, which are told apart by cluster and by the rules of the campaign. */
async function training(plan: CampaignPlan, given: Given): Promise<Parts> {
  const { config, request } = given;
  const rules = plan.rules.map((i) => request.rules[i]);
  return {
    ...{ derive: config.derive, recency: config.recency, [`rules of ${plan.name}`]: rules },
    [`campaign ${plan.name}`]: withoutRules(plan),
    ...(plan.scheme === null ? {} : await clustering([plan.scheme], given)),
    ...(plan.spec === null ? await choosing(given) : {}),
  };
}

/** Models are chosen without clusters, but for those that may shift a model of all, and whose past may be known. */
async function choosing(given: Given): Promise<Parts> {
  const { config, plans } = given;
  const dated = datedSchemes(config);
  const schemeOf = ({ scheme, pooling }: CampaignPlan) =>
    scheme !== null && pooling === 'partial' && dated.includes(scheme) ? scheme : null;
  const learned = plans.filter(({ spec }) => spec === null);
  const campaigns = learned.map((plan) => ({ ...withoutRules(plan), scheme: schemeOf(plan), pooling: plan.pooling }));
  return {
    ...features(given),
    ...(await clustering([...new Set(learned.flatMap((plan) => schemeOf(plan) ?? []))], given)),
    ...{ recency: config.recency, evaluate: config.evaluate, fallback: config.fallback ?? null },
    'automatic campaigns': campaigns,
  };
}

/** Calibrating fits the campaigns' models again on what was known a window ago, without rules. */
async function calibrating(given: Given): Promise<Parts> {
  const { config, plans } = given;
  const schemes = [...new Set(plans.flatMap(({ scheme }) => scheme ?? []))];
  return {
    ...(plans.some(({ spec }) => spec === null) ? await choosing(given) : {}),
    ...{ ...features(given), recency: config.recency, evaluate: config.evaluate, fallback: config.fallback ?? null },
    ...{ top_n: config.top_n, campaigns: plans.map(({ name }) => name) },
    ...Object.fromEntries(plans.map((plan) => [`campaign ${plan.name}`, withoutRules(plan)])),
    ...(await clustering(schemes, given)),
  };
}

/** Cluster schemes, and the model files that they are assigned by: where there is none yet, the stage fits one, and keeps it there. */
async function clustering(schemes: readonly string[], given: Given): Promise<Parts> {
  const { settings } = given.run;
  const parts = schemes.map(async (name): Promise<[string, unknown]> => {
    const { model, ...how } = settings.config.clusters[name]!;
    const path = model === undefined ? null : settingsPath(settings, model);
    const file = path === null ? null : ((await ifThere(path, hashFile(path))) ?? 'none');
    const columns = columnsOf(given, [...how.numeric, ...how.categorical]);
    return [`clusters.${name}`, { how, file, columns }];
  });
  return Object.fromEntries(await Promise.all(parts));
}

/** Nights whose offers to the control rest, and whose customers are carried on. */
async function controlBefore({ run: { settings, identity } }: Given): Promise<string> {
  const output = settingsPath(settings, settings.config.output.dir);
  return keyOfNights(await offeringNights(output, identity.referenceDate));
}

function withoutRules({ rules: _, ...plan }: CampaignPlan): Parts {
  return plan;
}

function segmentColumns({ segments }: Config): string[] {
  return Object.values(segments).flatMap((segment) =>
    'bands' in segment ? [segment.column] : 'flags' in segment ? segment.flags : [],
  );
}

/** Columns as the snapshot has them: each as number where anything counts with it. */
function columnsOf({ request }: Given, names: readonly string[]): unknown {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return request.columns.filter(({ name }) => wanted.has(name.toLowerCase()));
}

function hashed(parts: Parts): MadeOf {
  return Object.fromEntries(
    Object.entries(parts).map(([part, value]) => [part, createHash('sha256').update(JSON.stringify(value)).digest('hex')]),
  );
}
