import { join } from 'node:path';
import type { ModelSpec, PlainDate } from '@basketwise/core';
import { namesIn, queryRows } from '@basketwise/data';
import type { FinishedRun } from '@basketwise/insight';
import { formatNumber } from '@basketwise/page';
import { type Config, planCampaigns, protectedColumns, publishedNights, type Settings, settingsPath } from '@basketwise/pipeline';
import { type CampaignPlan, usualSample } from '@basketwise/recommend';
import { scopeTexts, selectionTexts } from './model-selection.ts';
import { modelInWords, settingTexts } from './model-words.ts';
import { type ReportFacts, readLearned, readReportFacts } from './run-facts.ts';
import { statementsOf } from './statements.ts';
import { usedFeatures, usedSchemes } from './used-features.ts';
import type { ValidationFile } from './validation-file.ts';

type RunSections = Pick<ValidationFile, 'inventory' | 'data' | 'models' | 'clusters'>;

/** Number of earlier runs whose learned weights are shown. */
const shownRuns = 4;

/** Meaning of each count of a run's report. */
const countTexts = {
  customers: {
    read: 'read',
    nullId: 'left out: without id',
    joinedLater: 'left out: joined after the reference date',
    repeated: 'left out: repeated',
    kept: 'used',
    withoutHoldings: 'of the used ones, without an open holding',
  },
  products: { read: 'read', repeated: 'left out: repeated', groups: 'different products', onSale: 'on sale' },
  holdings: {
    read: 'read',
    excludedByWhere: 'left out: by tables.holdings.where',
    nullCustomer: 'left out: without customer',
    nullProduct: 'left out: without product',
    unknownProduct: 'left out: product not in the products table',
    unknownCustomer: 'left out: customer not in the customers table',
    joinedLater: 'left out: customer joined after the reference date',
    repeated: 'left out: repeated',
    kept: 'read and not left out, of these:',
    afterReference: 'opened after the reference date: in no basket and no training',
    closed: 'closed by the reference date: in training, and in no basket of today',
    undated: 'without a date of opening: held, and of the oldest band',
  },
} as const;

function countsOf({ data }: ReportFacts): ValidationFile['data']['counts'] {
  return (Object.keys(countTexts) as (keyof typeof countTexts)[]).flatMap((table) => {
    const { classes: _, ...own }: Readonly<Record<string, unknown>> = data[table];
    return Object.entries(countTexts[table])
      .filter(([name]) => own[name] !== undefined)
      .map(([name, rows]) => ({ table, rows, count: own[name] as number | null }));
  });
}

/** Sections of a validation pack that describe a run: inventory entry, data, models. @throws AppError as `readReportFacts` */
export async function readRunSections(settings: Settings, finished: FinishedRun, asOf: PlainDate): Promise<RunSections> {
  const report = await readReportFacts(finished.folder);
  const { owner, purpose, tier, reviewers, next_review: nextReview = null, statements } = settings.config.validation!;
  const { code, config } = report.inputs;
  return {
    inventory: {
      offers: finished.config.offers !== undefined,
      approvals: settings.config.release?.approvals ?? null,
      statements: statementsOf(statements),
      ...{ owner, purpose, tier, reviewers, nextReview, run: finished.name, referenceDate: report.referenceDate, asOf },
      ...{ campaigns: report.campaigns.map(({ campaign }) => campaign), program: code, config },
      seeds: seedsOf(finished.config),
    },
    data: await dataSection(settings, finished, report),
    models: await modelSections(settings, finished, report),
    clusters: clusterWords(report.clusterProfiles, usedSchemes(finished.config)),
  };
}

/** Random seeds of a config, with the keys that have them. */
function seedsOf({ model, evaluate, clusters }: Config): ValidationFile['inventory']['seeds'] {
  return [
    ...(model.seed === undefined ? [] : [{ of: 'model', seed: model.seed }]),
    { of: 'evaluate', seed: evaluate.seed },
    ...Object.entries(clusters).map(([scheme, { seed }]) => ({ of: `clusters.${scheme}`, seed })),
  ];
}

async function dataSection(
  { config: { validation } }: Settings,
  finished: FinishedRun,
  report: ReportFacts,
): Promise<ValidationFile['data']> {
  const { snapshot, config, referenceDate } = finished;
  const { engine } = snapshot;
  // Only months are given, because the first or last day may belong to a single customer.
  const months = "SELECT strftime(min(opened), '%Y-%m') AS first, strftime(max(opened), '%Y-%m') AS last FROM holdings";
  const [dates] = await queryRows(engine, months);
  const columns = protectedColumns(validation).map(({ column }) => column.toLowerCase());
  const { history } = config.tables.customers;
  const past = snapshot.manifest.features?.dates.filter((date) => date !== referenceDate) ?? [];
  const asOf =
    past.length === 0 ? '' : `; the run uses it as of ${past.join(', ')}, each test window as of its own earlier dates`;
  const isProtected = (sql: string) => columns.some((column) => namesIn(engine.dialect, sql).has(column));
  return {
    tables: [
      ...Object.entries(config.tables).flatMap(([table, one]) =>
        one === undefined ? [] : [{ table, from: one.from ?? 'SQL of the config' }],
      ),
      ...(history === undefined
        ? []
        : [{ table: 'customers, at earlier dates', from: `${history.from ?? 'SQL of the config'}${asOf}` }]),
    ],
    ...{ files: report.inputs.files, snapshot: report.inputs.data },
    ...{ first: dates!.first as string | null, last: dates!.last as string | null },
    classes: Object.entries(report.data.products.classes).map(([of, products]) => ({
      ...{ class: of, products },
      campaigns: Object.entries(config.campaigns).flatMap(([campaign, one]) => (one.class === of ? [campaign] : [])),
    })),
    counts: countsOf(report),
    features: await usedFeatures(finished),
    rules: config.rules.map(({ reason, class: of, products, require }) => ({
      ...{ reason, ...(of !== undefined && { class: of }), ...(products && { products }) },
      ...{ require, isProtected: isProtected(require) },
    })),
    warnings: report.warnings,
  };
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
    published.reverse().map(async ({ run }) => ({ run, known: await readLearned(join(output, 'runs', run)) })),
  );
  const learned = await readLearned(finished.folder);
  const products = new Map((await finished.snapshot.products()).map(({ code, name }) => [code, name]));
  const plans = planCampaigns(finished.config);
  return report.campaigns.map((one) => {
    const past = earlier.flatMap(({ run, known }) => {
      const own = known.get(one.campaign)?.learned;
      return own === undefined ? [] : [{ run, weights: own.weights }];
    });
    const campaign = finished.config.campaigns[one.campaign]!;
    const facts = learned.get(one.campaign);
    const nameOf = (code: string) => (products.has(code) ? `${products.get(code)} (${code})` : code);
    const parts = modelInWords(one.model, facts?.learned?.weights, nameOf);
    const plan = plans.find(({ name }) => name === one.campaign);
    return {
      ...{ campaign: one.campaign, targets: one.targets, served: one.served },
      ...{ candidates: one.recommendable, listed: one.appearing },
      ...{ unserved: reasonCounts(one.unserved), withheld: reasonCounts(one.suppressed) },
      scope: scopeTexts(campaign, one),
      selection: [...selectionTexts(finished.config, campaign, one, facts), ...settingTexts(one.model)],
      ...{ clusters: campaign.by_cluster ?? null, ...parts, earlier: past },
      random: randomParts(one.model, plan, finished.snapshot.customerCount),
    };
  });
}

function reasonCounts(counts: Readonly<Record<string, number | null>>): { reason: string; customers: number | null }[] {
  return Object.entries(counts).map(([reason, customers]) => ({ reason, customers }));
}

type Profile = ReportFacts['clusterProfiles'][number];

/** Number of columns that describe a cluster. */
const namedColumns = 3;
/** A column describes a cluster only if the clusters explain at least this share of its variance. */
const leastExplained = 0.2;

/** Difference of a cluster from all customers in a column. */
interface Difference {
  text: string;
  /** Difference of the means, over the standard deviation of the clusters' means; times the share that clusters explain. */
  size: number;
}

/** Difference of cluster `at` in a numeric column, from the published means. Null if a mean is not published. */
function differenceIn(feature: Profile['features'][number], at: number): Difference | null {
  if (feature.kind !== 'number' || feature.explained < leastExplained) return null;
  const { column, mean, explained } = feature;
  const [all, ...means] = mean;
  const own = means[at];
  if (all === null || all === undefined || own === null || own === undefined) return null;
  const known = means.filter((one) => one !== null);
  const spread = Math.sqrt(known.reduce((sum, one) => sum + (one - all) ** 2, 0) / known.length);
  if (spread === 0) return null;
  const text = `${column} ${formatNumber(own)} (all: ${formatNumber(all)})`;
  return { text, size: (explained * Math.abs(own - all)) / spread };
}

/** Clusters of the schemes that campaigns use, each with its size and the columns by which it differs most. */
export function clusterWords(profiles: readonly Profile[], used: ReadonlySet<string>): ValidationFile['clusters'] {
  return profiles
    .filter(({ scheme }) => used.has(scheme))
    .flatMap(({ scheme, features, sizes }) =>
      sizes.map((customers, cluster) => {
        const found = features.flatMap((feature) => differenceIn(feature, cluster) ?? []);
        const most = found.sort((a, b) => b.size - a.size).slice(0, namedColumns);
        return { scheme, cluster, customers, differs: most.map(({ text }) => text) };
      }),
    );
}
