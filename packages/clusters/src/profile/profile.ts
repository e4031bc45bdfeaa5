import type { ColumnBatch } from '@basketwise/data';
import {
  type PublishedCount,
  percent,
  publishedCount,
  publishedParts,
  publishedShares,
  publishedValue,
  smallestPublished,
} from '@basketwise/data/base';
import type { ClusterContext } from '../features/customer-rows.ts';
import type { CategoricalFeature, FeatureSet } from '../features/feature.ts';
import { fromCustomers } from '../features/feature-fit.ts';
import { featureColumns, rawNumber } from '../features/feature-sql.ts';
import type { ClusterScheme } from '../features/scheme.ts';
import type { CustomerAssignment, TreatedColumn } from '../fitting/assignment.ts';
import type { KChoice } from '../fitting/choose-k.ts';
import { type ClusterModel, filledByMaximum, fittedOtherwise } from '../fitting/cluster-model.ts';
import { withEncoding } from '../fitting/methods.ts';
import { CategoryTally, explainedShare, NumberTally } from './profile-tally.ts';

/** Profile of a numeric column. */
export interface NumberProfile {
  kind: 'number';
  column: string;
  /** Eta squared of the scaled feature: the share of its variance that lies between clusters. */
  explained: number;
  /** Eta squared of the raw column. Large values influence it more than `explained`. */
  explainedRaw: number;
  /**
   * Mean of the raw values: of all customers, then of each cluster. Missing values do not count. Null for a cluster too small to
   * publish.
   */
  mean: readonly (number | null)[];
  median: readonly (number | null)[];
}

/** Profile of a categorical column. */
export interface CategoryProfile {
  kind: 'category';
  column: string;
  /** Square of Cramer's V, comparable to eta squared. */
  explained: number;
  cramersV: number;
  /**
   * Most frequent categories with their shares: of all customers, then of each cluster. The category null stands for a missing
   * value.
   */
  top: readonly (readonly { category: string | null; share: number }[])[];
}

/** Profile of a scheme's clusters: their sizes, and in which columns they differ. */
export interface ClusterProfile {
  scheme: string;
  method: ClusterScheme['method'];
  k: number;
  seed: number;
  gamma: number | null;
  customers: number;
  sizes: readonly PublishedCount[];
  /** Profiles of the columns, with the largest explained share first. */
  features: readonly (NumberProfile | CategoryProfile)[];
  leftOut: FeatureSet['leftOut'];
  treated: readonly (Omit<TreatedColumn, 'customers'> & { customers: PublishedCount })[];
  fit: { cost: number; iterations: number; converged: boolean; costs: readonly number[] };
  warnings: readonly string[];
}

/** A run warns if the clusters explain a smaller share than this of an important column. */
const littleExplained = 0.1;
const topCategories = 3;
/** Largest share that one customer's value may have in the sum behind a published mean. */
const mostOfOne = 0.5;

/**
 * Profile of a model's clusters.
 * @param features profiles of the columns; null for a profile without columns, which needs no data of customers
 */
export function modelProfile(
  scheme: ClusterScheme,
  model: ClusterModel,
  { sizes, treated }: Pick<CustomerAssignment, 'sizes' | 'treated'>,
  features: ClusterProfile['features'] | null = null,
): ClusterProfile {
  const { cost, iterations, converged, costs } = model.fit;
  const { leftOut } = model.features;
  return {
    ...{ scheme: scheme.name, method: model.method, k: model.k, seed: model.seed },
    customers: sizes.reduce((sum, size) => sum + size, 0),
    gamma: model.features.categorical.some(({ encoding }) => encoding === 'native') ? model.gamma : null,
    sizes: publishedParts(sizes),
    ...{ features: features ?? [], leftOut },
    treated: treated.map((entry) => ({ ...entry, customers: publishedCount(entry.customers) })),
    fit: { cost, iterations, converged, costs },
    warnings: [
      ...fittedOtherwise(model, withEncoding(scheme)),
      ...filledByMaximum(model, scheme, new Set(treated.flatMap(({ kind, column }) => (kind === 'missing' ? [column] : [])))),
      ...warningsOf(scheme, features, leftOut),
    ],
  };
}

/** Profiles the clusters of a scheme. Uses the sums of the features, and reads the raw numbers of the customers once. */
export async function profileClusters(
  context: ClusterContext,
  scheme: ClusterScheme,
  model: ClusterModel,
  assignment: CustomerAssignment,
): Promise<ClusterProfile> {
  // "All" are the customers of shown clusters. Otherwise the mean of a hidden cluster could be derived.
  const isShown = publishedParts(assignment.sizes).map((size) => size !== null);
  const numbers = model.features.numeric.flatMap(({ kind, column }, f) => (kind === 'indicator' ? [] : [{ kind, column, f }]));
  const tallies = await tallyNumbers(context, { scheme, model, assignment }, numbers, isShown);
  const sizes = Float64Array.from(assignment.sizes);
  const found = [
    ...numbers.map(({ kind, column, f }, i) => {
      const { sums, squares } = assignment.tally.numeric(f);
      const explained = explainedShare(sizes, sums, squares);
      // A rank has no raw value besides the scaled one.
      return numberProfile(column, tallies[i]!, {
        explained,
        explainedRaw: kind === 'number' ? tallies[i]!.explained() : explained,
      });
    }),
    ...model.features.categorical.map((feature, q) =>
      categoryProfile(feature, new CategoryTally(assignment.tally.categories(q)), isShown),
    ),
  ].sort((a, b) => b.explained - a.explained);
  return modelProfile(scheme, model, assignment, found);
}

/** A numeric feature, and its position `f` among the numeric features. */
type ProfiledNumber = Pick<ClusterModel['features']['numeric'][number], 'kind' | 'column'> & { f: number };

/**
 * Makes a tally of the raw numbers for each numeric feature of a scheme, in one pass over its customers. Values of customers in
 * clusters too small to publish count as missing.
 */
async function tallyNumbers(
  context: ClusterContext,
  { scheme, model, assignment }: { scheme: ClusterScheme; model: ClusterModel; assignment: CustomerAssignment },
  numbers: readonly ProfiledNumber[],
  isShown: readonly boolean[],
): Promise<NumberTally[]> {
  const customers = assignment.sizes.reduce((sum, size) => sum + size, 0);
  const areAllShown = isShown.every(Boolean);
  const tallies = numbers.map(() => new NumberTally(model.k, customers));
  const { dialect } = context.customers.engine;
  const features = featureColumns(dialect, model.features);
  const items = numbers.map(({ kind, column, f }) =>
    kind === 'number' ? `${rawNumber(dialect, column)} AS f${f}` : features[f]!,
  );
  await tallyRaw(context, scheme, assignment, items, (cluster, batch) => {
    for (const [i, { f }] of numbers.entries()) {
      const missing = areAllShown ? batch.nulls[`f${f}`] : withHidden(cluster, isShown, batch.nulls[`f${f}`]);
      tallies[i]!.add(cluster, batch.columns[`f${f}`] as Float64Array, missing);
    }
  });
  return tallies;
}

/** Marks rows whose value is missing, or whose cluster is too small to publish. */
function withHidden(cluster: Uint16Array, isShown: readonly boolean[], missing: Uint8Array | undefined): Uint8Array {
  const out = missing?.slice() ?? new Uint8Array(cluster.length);
  for (let i = 0; i < out.length; i++) if (!isShown[cluster[i]!]) out[i] = 1;
  return out;
}

/** Reads select items for all customers of a scheme, in batches, with the cluster of each row. */
async function tallyRaw(
  { customers }: ClusterContext,
  scheme: ClusterScheme,
  { clusters }: CustomerAssignment,
  items: readonly string[],
  take: (cluster: Uint16Array, batch: ColumnBatch) => void,
): Promise<void> {
  if (items.length === 0) return;
  const sql = `SELECT ${['customer', ...items].join(', ')} ${fromCustomers(customers, scheme)}`;
  for await (const batch of customers.engine.query(sql, { place: `clusters.${scheme.name}`, reuse: true })) {
    const customer = batch.columns.customer as Int32Array;
    const cluster = new Uint16Array(batch.rows);
    for (let i = 0; i < cluster.length; i++) cluster[i] = clusters[customer[i]!]!;
    take(cluster, batch);
  }
}

function numberProfile(
  column: string,
  tally: NumberTally,
  explained: Pick<NumberProfile, 'explained' | 'explainedRaw'>,
): NumberProfile {
  // The mean would reveal a customer's value if few are known, or one dominates the sum.
  const known = tally.known();
  const isFew = known.map((count) => count < smallestPublished);
  const isOnes = tally.largestShares().map((share) => share > mostOfOne);
  const mean = tally.means().map((value, group) => (isFew[group] || isOnes[group] || !Number.isFinite(value) ? null : value));
  const median = tally.medians().map((value, group) => (isFew[group] || !Number.isFinite(value) ? null : value));
  return { kind: 'number', column, ...explained, mean, median };
}

function categoryProfile(feature: CategoricalFeature, tally: CategoryTally, isShown: readonly boolean[]): CategoryProfile {
  const cramersV = tally.cramersV();
  const name = (code: number) =>
    feature.categories[code] ?? (feature.missing && code === feature.categories.length ? null : 'new');
  const top = tally.groups(isShown).map((counts) => {
    const order = Array.from(counts, (_, code) => code).sort((a, b) => counts[b]! - counts[a]! || a - b);
    const found = order.map((code) => ({ of: name(code), count: counts[code]! }));
    const all = counts.reduce((sum, count) => sum + count, 0);
    return publishedShares(found, all)
      .slice(0, topCategories)
      .map(({ of, share }) => ({ category: of, share }));
  });
  return { kind: 'category', column: feature.column, explained: cramersV ** 2, cramersV, top };
}

/**
 * One sentence for each important column of which the clusters explain little, or that was excluded. Without `features`, only for
 * excluded ones.
 */
function warningsOf(
  scheme: ClusterScheme,
  features: readonly { column: string; explained: number }[] | null,
  leftOut: FeatureSet['leftOut'],
): string[] {
  return scheme.important.flatMap((column) => {
    const out = leftOut.find((entry) => entry.column === column);
    if (out) return [`clusters.${scheme.name}: ${column} is marked important and was excluded: it is ${out.why}`];
    if (features === null) return [];
    const explained = features.find((feature) => feature.column === column)?.explained ?? 0;
    if (explained >= littleExplained) return [];
    const share = percent(explained);
    const remedy = `raise weights.${column}, or give it scale log-standard or quantile`;
    return [`clusters.${scheme.name}: the clusters explain ${share} of ${column}, which is marked important; ${remedy}`];
  });
}

const roundValue = (of: number | null) => (of === null ? null : publishedValue(of));
/** Rounds a measure between 0 and 1 to three decimals. */
const roundMeasure = (of: number) => Number(of.toFixed(3));

function publishedFeature(feature: NumberProfile | CategoryProfile): NumberProfile | CategoryProfile {
  if (feature.kind === 'category') {
    return { ...feature, explained: roundMeasure(feature.explained), cramersV: roundMeasure(feature.cramersV) };
  }
  const { explained, explainedRaw, mean, median } = feature;
  return {
    ...feature,
    ...{
      explained: roundMeasure(explained),
      explainedRaw: roundMeasure(explainedRaw),
      mean: mean.map(roundValue),
      median: median.map(roundValue),
    },
  };
}

/** Profile for publication: numbers of customers are rounded to tens, values of customers to three digits. */
export function publishedProfile(profile: ClusterProfile): ClusterProfile {
  const { customers, features, fit } = profile;
  return {
    ...profile,
    customers: Math.floor(customers / 10) * 10,
    features: features.map(publishedFeature),
    fit: { ...fit, cost: publishedValue(fit.cost), costs: fit.costs.map(publishedValue) },
  };
}

/** Cost curve for publication. Its numbers are rounded here, because models saved by older versions have exact ones. */
export function publishedChoice(choice: KChoice): KChoice {
  const trials = choice.trials.map(({ cost, silhouette, stability, sizes, ...trial }) => ({
    ...trial,
    ...{ cost: publishedValue(cost), silhouette: roundMeasure(silhouette), stability: roundMeasure(stability) },
    sizes: sizes.map((size) => (size === null ? null : publishedCount(size))),
  }));
  const { customers, sample, silhouetteSample } = choice;
  const tens = (count: number) => Math.floor(count / 10) * 10;
  return { ...choice, customers: tens(customers), sample: tens(sample), silhouetteSample: tens(silhouetteSample), trials };
}
