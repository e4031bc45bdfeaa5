import { AppError } from '@basketwise/core';
import type { Dialect } from '@basketwise/data';
import type { CustomerAssignment } from './assignment.ts';
import type { KChoice, KRange } from './choose-k.ts';
import { type AssignmentRows, type ClusterModel, type ClusterModelState, checkModel, checkSizes } from './cluster-model.ts';
import type { ClusterContext } from './customer-rows.ts';
import type { FittedClusters } from './method.ts';
import { findMethod, methodOf, withEncoding } from './methods.ts';
import type { ClusterScheme } from './scheme.ts';

/**
 * Fits the clusters of a scheme by its method.
 * @param trials also tries these k, even if the config names one
 * @throws AppError cluster-count if the customers do not fill k clusters; bad-data for columns that cannot be clustered
 */
export function fitClusters(context: ClusterContext, scheme: ClusterScheme, trials?: KRange): Promise<FittedClusters> {
  return methodOf(scheme.method).fit(context, withEncoding(scheme), trials);
}

/** Tries every k of a range on a scheme's customers. */
export function chooseK(context: ClusterContext, scheme: ClusterScheme, range: KRange): Promise<KChoice> {
  return methodOf(scheme.method).choose(context, withEncoding(scheme), range);
}

/**
 * Assigns any number of customers to the clusters of a fitted model.
 * @throws AppError bad-data if the model was fitted on other columns or a value is NaN or infinite; cluster-count if k differs from the
 * config's or a cluster stays empty
 */
export async function applyClusters(
  context: ClusterContext,
  scheme: ClusterScheme,
  model: ClusterModel,
): Promise<CustomerAssignment> {
  checkModel(model, scheme);
  const assignment = await methodOf(model.method).assign(context, scheme, model);
  checkSizes(scheme.name, assignment.sizes);
  return assignment;
}

/** The clusters of customers as one query of the engine: columns k0, k1, ... for the saved columns, and cluster. */
export function assignmentQuery(dialect: Dialect, model: ClusterModel, rows: AssignmentRows): string {
  return methodOf(model.method).sql(dialect, model, rows);
}

/** Content of a model file. */
export function clusterModelState(model: ClusterModel): ClusterModelState {
  return methodOf(model.method).state(model);
}

/** The model of a model file. @throws AppError bad-data if the state is not one of fitted clusters */
export function clusterModelFromState(state: ClusterModelState): ClusterModel {
  const method = findMethod(state.kind);
  if (method) return method.restore(state);
  throw new AppError(
    'bad-data',
    `cluster model: the file holds a model of kind ${state.kind}`,
    'Name a file that was fitted for clusters.',
  );
}
