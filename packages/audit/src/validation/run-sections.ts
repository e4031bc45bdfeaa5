import { join } from 'node:path';
import type { ModelSpec, PlainDate } from '@basketwise/core/parts';
import { queryRows } from '@basketwise/data';
import { namesIn } from '@basketwise/data/base';
import type { FinishedRun } from '@basketwise/insight/parts';
import { type Config, type Settings, settingsPath } from '@basketwise/pipeline';
import { planCampaigns, protectedColumns, publishedNights } from '@basketwise/pipeline/parts';
import { type CampaignPlan, usualSample } from '@basketwise/recommend';
import { modelInWords } from './model-words.ts';
import { type ReportFacts, readReportFacts, readWeights } from './run-facts.ts';
import type { ValidationFile } from './validation-file.ts';

type RunSections = Pick<ValidationFile, 'inventory' | 'data' | 'models'>;

/** Number of earlier runs whose learned weights are shown. */
const shownRuns = 4;

/** Meaning of each count of a run's report. */
const countTexts = {
  customers: {
    read: 'read',
    nullId: 'left out: without id',
    joinedLater: 'left out: joined after the reference date',
    kept: 'used',
    withoutHoldings: 'of the used ones, without an open holding',
  },
  products: { read: 'read', groups: 'different products', onSale: 'on sale' },
  holdings: {
    read: 'read',
    excludedByWhere: 'left out: by tables.holdings.where',
    nullCustomer: 'left out: without customer',
    nullProduct: 'left out: without product',
    unknownProduct: 'left out: product not in the products table',
    unknownCustomer: 'left out: customer not in the customers table',
    joinedLater: 'left out: customer joined after the reference date',
    repeated: 'left out: repeated',
    kept: 'used',
    afterReference: 'of the used ones, in no basket and no training: opened after the reference date',
    closed: 'of the used ones, only in training: closed by the reference date',
    undated: 'of the used ones, without a date of opening',
  },
} as const;

function countsOf({ data }: ReportFacts): ValidationFile['data']['counts'] {
  return (Object.keys(countTexts) as (keyof typeof countTexts)[]).flatMap((table) => {
    const own: Readonly<Record<string, number | null>> = data[table];
    return Object.entries(countTexts[table])
      .filter(([name]) => own[name] !== undefined)
      .map(([name, rows]) => ({ table, rows, count: own[name]! }));
  });
}

/** Sections of a validation pack that describe a run: inventory entry, data, models. @throws AppError as `readReportFacts` */
export async function readRunSections(settings: Settings, finished: FinishedRun, asOf: PlainDate): Promise<RunSections> {
  const report = await readReportFacts(finished.folder);
  const { owner, purpose, tier, reviewers, next_review: nextReview = null } = settings.config.validation!;
  const { code, config } = report.inputs;
  return {
    inventory: {
      approvals: settings.config.release?.approvals ?? null,
      ...{ owner, purpose, tier, reviewers, nextReview, run: finished.name, referenceDate: report.referenceDate, asOf },
      ...{ campaigns: report.campaigns.map(({ campaign }) => campaign), program: code, config },
    },
    data: await dataSection(settings, finished, report),
    models: await modelSections(settings, finished, report),
  };
}

async function dataSection(
  { config: { validation } }: Settings,
  { snapshot, config }: FinishedRun,
  report: ReportFacts,
): Promise<ValidationFile['data']> {
  const { engine } = snapshot;
  // Only months are given, because the first or last day may belong to a single customer.
  const months = "SELECT strftime(min(opened), '%Y-%m') AS first, strftime(max(opened), '%Y-%m') AS last FROM holdings";
  const [dates] = await queryRows(engine, months);
  const columns = protectedColumns(validation).map(({ column }) => column.toLowerCase());
  const isProtected = (sql: string) => columns.some((column) => namesIn(engine.dialect, sql).has(column));
  return {
    tables: Object.entries(config.tables).flatMap(([table, one]) =>
      one === undefined ? [] : [{ table, from: one.from ?? 'SQL of the config' }],
    ),
    ...{ files: report.inputs.files, snapshot: report.inputs.data },
    ...{ first: dates!.first as string | null, last: dates!.last as string | null },
    counts: countsOf(report),
    features: [
      ...Object.entries(config.features ?? {}).map(([name, feature]) => ({ name, from: featureText(feature) })),
      ...clusterFeatures(config),
    ],
    rules: config.rules.map(({ reason, class: of, products, require }) => ({
      ...{ reason, ...(of !== undefined && { class: of }), ...(products && { products }) },
      ...{ require, isProtected: isProtected(require) },
    })),
    warnings: report.warnings,
  };
}

/** Clusters by which models of campaigns may differ, with the columns that they are made of. */
function clusterFeatures({ campaigns, clusters }: Config): ValidationFile['data']['features'] {
  const used = new Set(Object.values(campaigns).flatMap(({ by_cluster: scheme }) => scheme ?? []));
  return [...used].flatMap((name) => {
    const scheme = clusters[name];
    if (scheme === undefined) return [];
    const { where, numeric, categorical } = scheme;
    const columns = `columns ${[...numeric, ...categorical].join(', ')}`;
    return [{ name: `clusters of ${name}`, from: where === undefined ? columns : `${columns}; where ${where}` }];
  });
}

/** Text on the source of a feature. */
function featureText(feature: NonNullable<Config['features']>[string]): string {
  if ('cross' in feature) return `each pair of ${feature.cross.join(' and ')}`;
  return 'column' in feature ? `column ${feature.column}` : feature.sql;
}

/** Spec of a model, with its inner models. */
interface RandomSpec {
  kind: string;
  seed?: number;
  start?: string;
  members?: readonly { model: RandomSpec }[];
}

/** Kinds of a model and its components that begin with random numbers. */
function randomKinds({ kind, seed, start, members = [] }: RandomSpec): string[] {
  return [
    ...(seed !== undefined && start !== 'svd' ? [`start of ${kind}`] : []),
    ...members.flatMap(({ model }) => randomKinds(model)),
  ];
}

/** Random parts of the fit of a campaign's model, in words. */
function randomParts(spec: ModelSpec, plan: CampaignPlan | undefined, customers: number): string[] {
  const { sample = usualSample.sample } = plan?.model ?? {};
  const isSampled = plan?.spec === null && customers > sample;
  const parts = [...(plan?.scheme ? ['clusters of customers'] : []), ...(isSampled ? [`sample of ${sample} customers`] : [])];
  return [...new Set([...parts, ...randomKinds(spec as RandomSpec)])];
}

async function modelSections(settings: Settings, finished: FinishedRun, report: ReportFacts): Promise<ValidationFile['models']> {
  const output = settingsPath(settings, settings.config.output.dir);
  const published = (await publishedNights(output)).filter(({ date }) => date < finished.referenceDate).slice(-shownRuns);
  const earlier = await Promise.all(
    published.reverse().map(async ({ run }) => ({ run, weights: await readWeights(join(output, 'runs', run)) })),
  );
  const weights = await readWeights(finished.folder);
  const products = new Map((await finished.snapshot.products()).map(({ code, name }) => [code, name]));
  const plans = planCampaigns(finished.config);
  return report.campaigns.map((one) => {
    const past = earlier.flatMap(({ run, weights: of }) => {
      const own = of.get(one.campaign);
      return own === undefined ? [] : [{ run, weights: own }];
    });
    const clusters = finished.config.campaigns[one.campaign]?.by_cluster ?? null;
    const plan = plans.find(({ name }) => name === one.campaign);
    const random = randomParts(one.model, plan, finished.snapshot.customerCount);
    return modelInWords({ ...one, clusters, random }, weights.get(one.campaign), past, (code) => products.get(code) ?? code);
  });
}
