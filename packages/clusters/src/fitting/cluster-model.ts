import { createHash } from 'node:crypto';
import { AppError, type Centres } from '@basketwise/core';
import type { FeatureSet, NumericFeature } from '../features/feature.ts';
import { type ClusterScheme, type FitSettings, fitSettings } from '../features/scheme.ts';
import type { KChoice } from './choose-k.ts';

/** Fitted clusters: preprocessing, centres and statistics of the fit. Cluster 0 is the largest, and sizes fall. */
export interface ClusterModel {
  scheme: string;
  method: ClusterScheme['method'];
  k: number;
  seed: number;
  /** Columns of the scheme in the config, including those that the fit excluded. */
  columns: { numeric: readonly string[]; categorical: readonly string[] };
  features: FeatureSet;
  /** Factor by which a mismatch of a native column counts in the squared distance. */
  gamma: number;
  centres: Centres;
  /** Statistics of the fit: customers per cluster, total cost, iterations, whether it converged, and the cost of every start. */
  fit: {
    customers: number;
    sizes: readonly number[];
    cost: number;
    iterations: number;
    converged: boolean;
    costs: readonly number[];
  };
  /**
   * Settings of the scheme at the fit, by key of the config (such as `scale.balance`). Null in files of versions that did not
   * store them.
   */
  settings: FitSettings | null;
  /** Cost curve of the fit, which explains the number of clusters to later runs. Null if no other k was tried. */
  choice: KChoice | null;
}

/** Model as plain data, in the format of the model files of `core`. */
export interface ClusterModelState {
  kind: string;
  columns: readonly string[];
  pseudoColumns: number;
  parameters: Readonly<Record<string, unknown>>;
  matrices: Readonly<Record<string, { rows: number; columns: number; values: Float64Array | Float32Array }>>;
}

/** Relation of customers to assign, and which columns of it to select. */
export interface AssignmentRows {
  from: string;
  where: string | null;
  /** SQL select items, with aliases, that the result has besides the cluster. */
  keep: readonly string[];
  /** Whether the result also has the squared distances to all centres: d0, d1, ... */
  distances?: boolean;
}

/** sha256 over the centres, in hexadecimal. Clusters of two runs are the same if their hashes are equal. */
export function centresHash({ centres }: ClusterModel): string {
  const hash = createHash('sha256');
  for (const values of [centres.numeric, centres.shares])
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).update('|');
  return hash.digest('hex');
}

/**
 * Throws if a model was fitted for another scheme.
 * @throws AppError bad-data naming the columns that differ; cluster-count if k differs
 */
export function checkModel(model: ClusterModel, scheme: ClusterScheme): void {
  const place = `clusters.${scheme.name}`;
  const fitted = [...model.columns.numeric, ...model.columns.categorical];
  const wanted = [...scheme.numeric, ...scheme.categorical];
  const missing = wanted.filter((column) => !fitted.includes(column));
  const extra = fitted.filter((column) => !wanted.includes(column));
  if (missing.length + extra.length > 0) {
    const lists = `without ${missing.join(', ') || 'none'}, with ${extra.join(', ') || 'none'} besides`;
    const hint = 'Name another file under `model`, or remove it and fit again.';
    throw new AppError('bad-data', `${place}: the model was fitted on other columns: ${lists}`, hint);
  }
  if (model.method !== scheme.method) {
    const hint = 'Name another file under `model`, or remove it and fit again.';
    throw new AppError('bad-data', `${place}: the model is ${model.method}, the config says ${scheme.method}`, hint);
  }
  if (typeof scheme.k === 'number' && model.k !== scheme.k) {
    const hint = 'Set k to that of the model, or remove the model file and fit again.';
    throw new AppError('cluster-count', `${place}: the model has ${model.k} clusters, the config says ${scheme.k}`, hint);
  }
}

/**
 * Sentence that names the settings in which a saved model differs from the scheme. The model is nevertheless applied unchanged.
 */
export function fittedOtherwise(model: ClusterModel, scheme: ClusterScheme): string[] {
  const place = `clusters.${scheme.name}`;
  const { settings } = model;
  if (settings === null) {
    return [`${place}: the saved model does not contain the scale, weights and encoding of its fit: fit again to compare them`];
  }
  const wanted = fitSettings(scheme);
  const keys = [...new Set([...Object.keys(settings), ...Object.keys(wanted)])].filter((key) => settings[key] !== wanted[key]);
  if (keys.length === 0) return [];
  const differences = keys.map((key) => `${key} ${settings[key] ?? 'not given'} (the config: ${wanted[key] ?? 'not given'})`);
  return [
    `${place}: the saved model was fitted with ${differences.join(', ')} and is applied unchanged: set the same in the config, or fit again`,
  ];
}

/**
 * Warning for a model saved by an older version, which stored the maximum of a column in place of its median. Missing values are
 * then replaced by the maximum. Only a new fit corrects this, because the customers of the old fit are unknown.
 * @param missing columns with missing values now, but not at the fit
 */
export function filledByMaximum({ features }: ClusterModel, { name }: ClusterScheme, missing: ReadonlySet<string>): string[] {
  if (features.medians !== undefined) return [];
  const isMaximum = (feature: NumericFeature) => feature.knots === null && feature.median !== feature.offset;
  const columns = features.numeric.flatMap((feature) =>
    feature.kind === 'number' && isMaximum(feature) && missing.has(feature.column) ? [feature.column] : [],
  );
  if (columns.length === 0) return [];
  const what = `missing values of ${columns.join(', ')} count as the column's maximum, as an earlier version fitted the saved model`;
  return [`clusters.${name}: ${what}: fit again to have them count as the median`];
}

/**
 * Throws if a cluster has no customers.
 * @throws AppError cluster-count naming the empty clusters
 */
export function checkSizes(scheme: string, sizes: readonly number[]): void {
  const empty = sizes.flatMap((size, cluster) => (size === 0 ? [cluster] : []));
  if (empty.length === 0) return;
  const hint = 'Give a smaller k, more distinguishing columns, or fit again on these customers.';
  const filledText = `${sizes.length - empty.length} of ${sizes.length} clusters have customers`;
  throw new AppError('cluster-count', `clusters.${scheme}: ${filledText}; empty: ${empty.join(', ')}`, hint);
}
