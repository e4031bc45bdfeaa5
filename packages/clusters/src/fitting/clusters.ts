import { AppError, type PlainDate } from '@basketwise/core';
import type { ClusterContext } from '../features/customer-rows.ts';
import { distinctCategories, spaceOf } from '../features/feature.ts';
import type { ClusterScheme } from '../features/scheme.ts';
import { assignToCentres, type CustomerAssignment, type FittedClusters } from './assignment.ts';
import { chooseOnCustomers, type KChoice, type KRange } from './choose-k.ts';
import { type ClusterModel, type ClusterModelState, checkModel, checkSizes } from './cluster-model.ts';
import { methodOf, methods, withEncoding } from './methods.ts';

/**
 * Fits the clusters of a scheme by its method.
 * @param trials k to try for a cost curve, even if the config names one k
 * @throws AppError cluster-count if the customers do not fill k clusters; bad-data for columns that cannot be clustered
 */
export function fitClusters(context: ClusterContext, scheme: ClusterScheme, trials?: KRange): Promise<FittedClusters> {
  return methodOf(scheme.method).fit(context, withEncoding(scheme), trials);
}

/** Range of k for the cost curve of the report. With a report, they are tried even if the config names k. */
const reportedTrials = { from: 2, to: 12, choose: 'elbow', sample: 5_000 } as const;

/**
 * Fits a scheme in a run. If the run makes a report, it also computes a cost curve. The curve gets the date of the run, and is
 * saved with the model.
 */
export async function fitInRun(
  clustering: ClusterContext,
  scheme: ClusterScheme,
  { report, date }: { report: boolean; date: PlainDate },
): Promise<FittedClusters> {
  const { model, assignment } = await fitClusters(clustering, scheme, report ? reportedTrials : undefined);
  const choice = model.choice && { ...model.choice, fittedOn: date };
  return { model: { ...model, choice }, assignment };
}

/** Tries every k of a range on a scheme's customers. */
export function chooseK(context: ClusterContext, scheme: ClusterScheme, range: KRange): Promise<KChoice> {
  return chooseOnCustomers(context, withEncoding(scheme), range);
}

/**
 * Assigns any number of customers to the clusters of a fitted model.
 * @throws AppError bad-data if the model was fitted on other columns, or a value is NaN or infinite; cluster-count if k differs
 * from that of the config, or a cluster has no customers
 */
export async function applyClusters(
  context: ClusterContext,
  scheme: ClusterScheme,
  model: ClusterModel,
): Promise<CustomerAssignment> {
  checkModel(model, scheme);
  const assignment = await assignToCentres(context, scheme, model);
  checkSizes(scheme.name, assignment.sizes);
  return assignment;
}

/** Converts a model to the content of a model file. */
export function clusterModelState(model: ClusterModel): ClusterModelState {
  const { centres, method, k, ...parameters } = model;
  const width = (values: Float64Array) => ({ rows: k, columns: values.length / k, values });
  return {
    kind: method,
    columns: spaceOf(model.features).numeric,
    pseudoColumns: 0,
    parameters: { ...parameters, k },
    matrices: { numeric: width(centres.numeric), shares: width(centres.shares) },
  };
}

/**
 * Restores a model from the content of a model file.
 * @throws AppError bad-data if the content is not that of fitted clusters
 */
export function clusterModelFromState({ kind, parameters, matrices }: ClusterModelState): ClusterModel {
  const { numeric, shares } = matrices;
  const { k } = parameters;
  const isKnown = methods.some(({ name }) => name === kind);
  if (!isKnown || typeof k !== 'number' || !numeric || !shares || !parameters.features) {
    throw new AppError(
      'bad-data',
      `cluster model: the file holds a model of kind ${kind}`,
      'Name a file that was fitted for clusters.',
    );
  }
  const centres = { k, numeric: Float64Array.from(numeric.values), shares: Float64Array.from(shares.values) };
  // In the order of the file, so that a saved model is written back unchanged.
  const { choice = null, settings = null } = parameters;
  const model = { ...parameters, choice, settings, method: kind, centres } as unknown as ClusterModel;
  const space = spaceOf(model.features);
  const categories = model.features.categorical.reduce((sum, feature) => sum + distinctCategories(feature) + 1, 0);
  if (centres.numeric.length !== k * space.numeric.length || centres.shares.length !== k * categories) {
    throw new AppError('bad-data', 'cluster model: centres and features do not fit together', 'Fit the clusters again.');
  }
  return model;
}
