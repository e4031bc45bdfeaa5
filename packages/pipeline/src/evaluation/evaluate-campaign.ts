import { type Model, unpackEntry } from '@basketwise/core';
import type { CampaignPlan } from '../campaigns/plan.ts';
import { candidates } from '../models/candidates.ts';
import { chooseModel } from '../models/choose-model.ts';
import { fitSpec } from '../models/fit-spec.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import { specOfConfig } from '../models/spec-of-config.ts';
import { unchosen } from '../models/unchosen.ts';
import { type BootstrapOptions, bootstrap, difference, type Interval, isDifferent, minimumCustomers } from './bootstrap.ts';
import { type CampaignCalibration, calibrateSide } from './calibrate-side.ts';
import type { CampaignSide } from './campaign-side.ts';
import { type CaseSet, candidatesOf, forEachScored, outcomes } from './case-outcomes.ts';
import { type CatalogueUse, catalogueUse } from './catalogue.ts';
import { type MetricName, metric, metricNames, type Outcome, reciprocalRank } from './metrics.ts';
import { firstColumns } from './ranking.ts';
import { type Response, response } from './response.ts';

/** A model over the test windows of a campaign. */
export interface EvaluatedModel {
  name: string;
  /** What it is made of, by window. */
  specs: ModelSpec[];
  /** Mean of each metric: `ndcg@5` and so on, and `mrr`. */
  metrics: Record<string, number>;
  /** NDCG at the comparison's length, with its 95 % interval; null where there are too few customers. */
  interval: Interval | null;
  /** Paired differences from popularity and from the best model; `level` where the interval holds 0. */
  minusPopularity: (Interval & { level: boolean }) | null;
  minusBest: (Interval & { level: boolean }) | null;
  catalogue: CatalogueUse;
  /** By what the customer held: number of products, `none` apart. */
  bySize: Record<string, { customers: number; ndcg: number }>;
}

/** A product as a response model of the campaign's own model. */
export interface ProductResponse extends Response {
  product: string;
}

/** What evaluating a campaign found. */
export interface CampaignEvaluation {
  campaign: string;
  class: string;
  /** Customers whom the campaign would have advised, and those of them who took something that it could name. */
  targets: number;
  tested: number;
  models: EvaluatedModel[];
  /** Products with at least ten buyers. */
  products: ProductResponse[];
  /** Of the campaign's own model, on the latest window; null where too little was bought. */
  calibration: CampaignCalibration | null;
  /** Why there is no interval, or that the best models are level. */
  notes: string[];
}

/** What is told of a campaign's own model alone. */
export interface OwnModel {
  products: ProductResponse[];
  calibration: CampaignCalibration | null;
}

/** What is asked of an evaluation. */
export interface EvaluationOptions extends BootstrapOptions {
  /** Lengths of lists. */
  at: readonly number[];
}

/** A window's sides: the inner one is for choosing the automatic model. */
export interface WindowSides {
  inner: CampaignSide;
  outer: CampaignSide;
}

interface Tested {
  name: string;
  specs: ModelSpec[];
  outcomes: Outcome[];
  sizes: number[];
  named: Float64Array;
}

/** Names of the campaign's own model, and of the chosen one. */
const ownModel = 'model of the config';
const automatic = 'automatic';

/** Fewer buyers than this are not published. */
const leastBuyers = 10;

/** What is compared: the baselines, the campaign's own model, and the automatic one. */
async function specsOf(plan: CampaignPlan, { inner }: WindowSides): Promise<[string, ModelSpec][]> {
  const dated = inner.data.acquisitions !== undefined;
  const specs: [string, ModelSpec][] = [['popularity', { kind: 'popularity', of: 'holders' }]];
  if (dated) {
    specs.push(['recent popularity', { kind: 'popularity', of: 'recent' }]);
    specs.push(['up-sell popularity', { kind: 'popularity', of: 'upsell' }]);
  }
  if (plan.model.kind !== 'automatic') specs.push([ownModel, specOfConfig(plan.model)]);
  specs.push(['ease', { kind: 'ease', regularization: 100, constant: 1, context: 0 }]);
  const from = candidates({ contexts: false, acquisitions: dated });
  if (inner.cases.cases.length >= minimumCustomers) {
    specs.push([automatic, (await chooseModel(inner.data, inner.cases, from)).spec]);
  } else if (plan.model.kind === 'automatic') specs.push([automatic, unchosen]);
  return specs;
}

/** Evaluates all models of a campaign on one window, adding to what other windows gave. */
export async function testWindow(
  plan: CampaignPlan,
  sides: WindowSides,
  tested: Map<string, Tested>,
  n: number,
): Promise<OwnModel> {
  const { data, cases } = sides.outer;
  let own: OwnModel = { products: [], calibration: null };
  for (const [name, spec] of await specsOf(plan, sides)) {
    const model = await fitSpec(data, spec);
    const known: Tested = tested.get(name) ?? {
      ...{ name, specs: [], outcomes: [], sizes: [] },
      named: new Float64Array(cases.popularity.length),
    };
    known.specs.push(spec);
    known.outcomes.push(...outcomes(model, cases));
    known.sizes.push(...cases.cases.map(({ basket }) => basket.filter(({ column }) => column < productsOf(cases)).length));
    countNamed(model, cases, known.named);
    tested.set(name, known);
    if (name === (plan.model.kind === 'automatic' ? automatic : ownModel)) {
      own = { products: responses(model, sides.outer), calibration: await calibrateSide(sides.outer, model, spec, n) };
    }
  }
  return own;
}

function productsOf({ allowed }: CaseSet): number {
  return allowed.lastIndexOf(1) + 1;
}

function countNamed(model: Model, cases: CaseSet, named: Float64Array): void {
  forEachScored(model, cases.cases, (scores, at) => {
    const list = firstColumns(scores, candidatesOf(cases, cases.cases[at]!), cases.popularity, 5);
    for (const column of list) if (column < named.length) named[column]!++;
  });
}

/** Summarises what the windows gave. */
export function summarise(
  plan: CampaignPlan,
  last: CampaignSide,
  tested: ReadonlyMap<string, Tested>,
  { products, calibration }: OwnModel,
  { at, ...resampling }: EvaluationOptions,
): CampaignEvaluation {
  const list = [...tested.values()];
  const length = at.includes(5) ? 5 : at[0]!;
  const values = list.map((model) => Float64Array.from(model.outcomes, (outcome) => metric('ndcg', outcome, length)));
  const count = values[0]?.length ?? 0;
  const enough = count >= minimumCustomers && resampling.resamples >= 100;
  const means = values.map((v) => v.reduce((sum, x) => sum + x, 0) / Math.max(1, v.length));
  const best = means.reduce((a, mean, i) => (mean > means[a]! ? i : a), 0);
  const paired = (i: number, j: number) => bootstrap([difference(values[i]!, values[j]!)], resampling)[0]!;
  const gap = (i: number, j: number) => {
    if (!enough) return null;
    const interval = paired(i, j);
    return { ...interval, level: !isDifferent(interval) };
  };
  const models = list.map(
    (model, i): EvaluatedModel => ({
      name: model.name,
      specs: model.specs,
      metrics: meanMetrics(model.outcomes, at),
      interval: enough ? bootstrap([values[i]!], resampling)[0]! : null,
      minusPopularity: gap(i, 0),
      minusBest: gap(i, best),
      catalogue: catalogueUse(model.named, last.cases.allowed, last.cases.popularity),
      bySize: bySize(model.sizes, values[i]!),
    }),
  );
  const notes: string[] = [];
  if (!enough) notes.push(`${count} test customers: too few for an interval, ranking these models would be ranking noise`);
  const level = models.filter(({ minusBest }) => minusBest?.level).map(({ name }) => name);
  if (level.length > 1) notes.push(`level with the best: ${level.join(', ')}`);
  return { campaign: plan.name, class: plan.class, targets: last.targets, tested: count, models, products, calibration, notes };
}

function meanMetrics(list: readonly Outcome[], at: readonly number[]): Record<string, number> {
  const mean = (value: (outcome: Outcome) => number) => list.reduce((sum, o) => sum + value(o), 0) / Math.max(1, list.length);
  const metrics: Record<string, number> = {};
  for (const k of at) for (const name of metricNames) metrics[`${name}@${k}`] = mean((o) => metric(name as MetricName, o, k));
  return { ...metrics, mrr: mean(reciprocalRank) };
}

function bySize(sizes: readonly number[], values: Float64Array): Record<string, { customers: number; ndcg: number }> {
  const groups = new Map<string, { customers: number; sum: number }>();
  for (const [i, size] of sizes.entries()) {
    const name = size === 0 ? 'none' : size < 4 ? String(size) : '4 and more';
    const group = groups.get(name) ?? { customers: 0, sum: 0 };
    groups.set(name, { customers: group.customers + 1, sum: group.sum + values[i]! });
  }
  const named = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(named.map(([name, { customers, sum }]) => [name, { customers, ndcg: sum / customers }]));
}

/** AUC and top-decile lift per product over all targets who do not hold it. */
function responses(model: Model, { table, cases, units }: CampaignSide): ProductResponse[] {
  const { memory, start, entry, multiplicity, rows, entries, columns } = table.table;
  const starts = memory.u32(start, rows + 1);
  const packed = memory.u32(entry, entries);
  const customers = memory.u32(multiplicity, rows);
  const buyers = columns.map(() => new Map<number, number>());
  for (const { customer, targets } of cases.cases) {
    const row = table.basketOf[customer]!;
    for (const column of targets) buyers[column]!.set(row, (buyers[column]!.get(row) ?? 0) + 1);
  }
  const wanted = [...columns.keys()].filter((column) => [...buyers[column]!.values()].reduce((a, b) => a + b, 0) >= leastBuyers);
  const perProduct = wanted.map(() => ({ score: [] as number[], customers: [] as number[], buyers: [] as number[] }));
  for (const { from, to } of units) {
    for (let row = from; row < to; row++) {
      const basket = Array.from(packed.subarray(starts[row]!, starts[row + 1]!), unpackEntry);
      const held = new Set(basket.map(({ column }) => column));
      const scores = model.foldIn(basket);
      for (const [i, column] of wanted.entries()) {
        if (held.has(column)) continue;
        perProduct[i]!.score.push(scores[column]!);
        perProduct[i]!.customers.push(customers[row]!);
        perProduct[i]!.buyers.push(buyers[column]!.get(row) ?? 0);
      }
    }
  }
  return wanted.map((column, i) => {
    const { score, customers: all, buyers: some } = perProduct[i]!;
    return { product: columns[column]!, ...response(Float64Array.from(score), Float64Array.from(all), Float64Array.from(some)) };
  });
}
