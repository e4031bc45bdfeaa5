import type { ClusterContext } from '../features/customer-rows.ts';
import type { ClusterScheme, Encoding } from '../features/scheme.ts';
import type { CustomerAssignment } from './assignment.ts';
import type { KRange } from './choose-k.ts';
import type { ClusterModel } from './cluster-model.ts';

/** Result of a fit: the model, and the assignment of customers. */
export interface FittedClusters {
  model: ClusterModel;
  assignment: CustomerAssignment;
}

/**
 * Clustering method: the way to fit centres. Customers belong to the nearest centre. A new method is a file with one definition
 * and a line in methods.ts.
 * Commands that do not cluster load this definition, too. The code for fitting is therefore imported on demand.
 */
export interface ClusterMethod<Name extends string> {
  /** Name in the config's `method`. */
  name: Name;
  /** Meaning of the method, in a few words for the reference of the config. */
  about: string;
  /** Default encoding of categorical columns. */
  encoding: Encoding;
  /**
   * Fits the clusters of a scheme: the preprocessing, k if the config gives a range, then the clusters. Numbers them by falling
   * size. Releases all kernel memory.
   * @param trials also tries these k, even if the config names one
   * @throws AppError cluster-count if the customers do not fill k clusters; bad-data for columns that cannot be clustered
   */
  fit(context: ClusterContext, scheme: ClusterScheme, trials?: KRange): Promise<FittedClusters>;
}

/** Declares a clustering method; infers its name. */
export function defineMethod<const Name extends string>(method: ClusterMethod<Name>): ClusterMethod<Name> {
  return method;
}
