import { type CategoricalFeature, categoriesOf, type FeatureSet } from '../features/feature.ts';
import { fromCustomers } from '../features/feature-fit.ts';
import { featureColumns, rawNumber } from '../features/feature-sql.ts';
import { type PublishedCount, publishedCount } from '../segments/published-count.ts';
import type { CustomerAssignment, TreatedColumn } from './assignment.ts';
import type { ClusterModel } from './cluster-model.ts';
import type { ClusterContext } from './customer-rows.ts';
import { CategoryTally, medianOf, NumberTally } from './profile-tally.ts';
import type { ClusterScheme } from './scheme.ts';

/** A numeric column in the clusters. */
export interface NumberProfile {
  kind: 'number';
  column: string;
  /** Share of the scaled feature's variance that lies between clusters: eta squared. */
  explained: number;
  /** The same of the raw column, where single large values weigh more. */
  explainedRaw: number;
  /** Of the raw column, missing values left out: of all customers, then per cluster; null for clusters too small to publish. */
  mean: readonly (number | null)[];
  median: readonly (number | null)[];
}

/** A categorical column in the clusters. */
export interface CategoryProfile {
  kind: 'category';
  column: string;
  /** The square of Cramer's V: comparable to eta squared. */
  explained: number;
  cramersV: number;
  /** Most frequent categories of all customers, then per cluster, with their shares; a missing value is the category null. */
  top: readonly (readonly { category: string | null; share: number }[])[];
}

/** What tells the clusters apart. */
export interface ClusterProfile {
  scheme: string;
  method: ClusterScheme['method'];
  k: number;
  seed: number;
  gamma: number | null;
  customers: number;
  sizes: readonly PublishedCount[];
  /** Largest explained share first. */
  features: readonly (NumberProfile | CategoryProfile)[];
  leftOut: FeatureSet['leftOut'];
  treated: readonly (Omit<TreatedColumn, 'customers'> & { customers: PublishedCount })[];
  fit: { cost: number; iterations: number; converged: boolean; costs: readonly number[] };
  warnings: readonly string[];
}

/** An important column of which clusters explain less than this is worth a warning. */
const littleExplained = 0.1;
const topCategories = 3;

/** Profiles the clusters of a scheme in one pass over its customers. */
export async function profileClusters(
  context: ClusterContext,
  scheme: ClusterScheme,
  model: ClusterModel,
  assignment: CustomerAssignment,
): Promise<ClusterProfile> {
  const customers = assignment.sizes.reduce((sum, size) => sum + size, 0);
  const numbers = model.features.numeric.flatMap((feature, f) => (feature.kind === 'number' ? [{ feature, f }] : []));
  const ordinals = model.features.numeric.flatMap((feature, f) => (feature.kind === 'ordinal' ? [{ feature, f }] : []));
  const tallies = numbers.map(() => new NumberTally(model.k, customers));
  const ranks = ordinals.map(() => new NumberTally(model.k, customers));
  const categories = model.features.categorical.map((feature) => new CategoryTally(model.k, categoriesOf(feature) + 1));

  const { dialect } = context.customers.engine;
  const raw = numbers.map(({ feature }, i) => `${rawNumber(dialect, feature.column)} AS x${i}`);
  const items = ['customer', ...featureColumns(dialect, model.features), ...raw].join(', ');
  const sql = `SELECT ${items} ${fromCustomers(context.customers, scheme)}`;
  for await (const batch of context.customers.engine.query(sql, { place: `clusters.${scheme.name}` })) {
    const customer = batch.columns.customer as Int32Array;
    const cluster = customer.subarray(0, batch.rows).map((c) => assignment.clusters[c]!);
    numbers.forEach(({ f }, i) => {
      tallies[i]!.add(
        cluster,
        batch.columns[`f${f}`] as Float64Array,
        batch.columns[`x${i}`] as Float64Array,
        batch.nulls[`x${i}`],
      );
    });
    ordinals.forEach(({ f }, i) => {
      const rank = batch.columns[`f${f}`] as Float64Array;
      ranks[i]!.add(cluster, rank, rank, undefined);
    });
    categories.forEach((tally, q) => {
      tally.add(cluster, batch.columns[`c${q}`] as Int32Array);
    });
  }

  const shown = [true, ...assignment.sizes.map((size) => publishedCount(size) !== null)];
  const features = [
    ...numbers.map(({ feature }, i) => numberProfile(feature.column, tallies[i]!, shown)),
    ...ordinals.map(({ feature }, i) => numberProfile(feature.column, ranks[i]!, shown)),
    ...model.features.categorical.map((feature, q) => categoryProfile(feature, categories[q]!)),
  ].sort((a, b) => b.explained - a.explained);
  const { cost, iterations, converged, costs } = model.fit;
  return {
    ...{ scheme: scheme.name, method: model.method, k: model.k, seed: model.seed, customers },
    gamma: model.features.categorical.some(({ encoding }) => encoding === 'native') ? model.gamma : null,
    sizes: assignment.sizes.map(publishedCount),
    features,
    leftOut: model.features.leftOut,
    treated: assignment.treated.map((entry) => ({ ...entry, customers: publishedCount(entry.customers) })),
    fit: { cost, iterations, converged, costs },
    warnings: warningsOf(scheme, features, model.features.leftOut),
  };
}

function numberProfile(column: string, tally: NumberTally, shown: readonly boolean[]): NumberProfile {
  const publish = (value: number, group: number) => (shown[group] && Number.isFinite(value) ? value : null);
  return {
    ...{ kind: 'number', column, explained: tally.explained(), explainedRaw: tally.explainedRaw() },
    mean: tally.means().map(publish),
    median: tally.samples().map((sample, group) => publish(medianOf(sample), group)),
  };
}

function categoryProfile(feature: CategoricalFeature, tally: CategoryTally): CategoryProfile {
  const cramersV = tally.cramersV();
  const name = (code: number) =>
    feature.categories[code] ?? (feature.missing && code === feature.categories.length ? null : 'new');
  const top = tally.groups().map((counts) => {
    const all = counts.reduce((sum, count) => sum + count, 0);
    const order = Array.from(counts, (_, code) => code).sort((a, b) => counts[b]! - counts[a]! || a - b);
    const kept = order.slice(0, topCategories).filter((code) => counts[code]! > 0 && publishedCount(counts[code]!) !== null);
    return kept.map((code) => ({ category: name(code), share: counts[code]! / all }));
  });
  return { kind: 'category', column: feature.column, explained: cramersV ** 2, cramersV, top };
}

/** One sentence per important column that the clusters say little about. */
function warningsOf(
  scheme: ClusterScheme,
  features: readonly { column: string; explained: number }[],
  leftOut: FeatureSet['leftOut'],
): string[] {
  return scheme.important.flatMap((column) => {
    const out = leftOut.find((entry) => entry.column === column);
    if (out) return [`clusters.${scheme.name}: ${column} is marked important and was left out: it is ${out.why}`];
    const explained = features.find((feature) => feature.column === column)?.explained ?? 0;
    if (explained >= littleExplained) return [];
    const share = `${(explained * 100).toFixed(1)} %`;
    const remedy = `raise weights.${column}, or give it scale log-standard or quantile`;
    return [`clusters.${scheme.name}: the clusters explain ${share} of ${column}, which is marked important; ${remedy}`];
  });
}
