import type { ClusterContext } from '../features/customer-rows.ts';
import type { ClusterScheme, Encoding } from '../features/scheme.ts';
import type { CustomerAssignment } from './assignment.ts';
import type { KRange } from './choose-k.ts';
import type { ClusterModel } from './cluster-model.ts';

/** Result of a fit: the model, and the clusters of the customers. */
export interface FittedClusters {
  model: ClusterModel;
  assignment: CustomerAssignment;
}

/**
 * Definition of a clustering method, which fits centres; customers belong to the nearest centre. To add a method, write a file
 * with its definition, and a line in methods.ts.
 * Commands that do not cluster load this definition, too. The code for fitting is therefore imported on demand.
 */
export interface ClusterMethod<Name extends string> {
  /** Name in the config's `method`. */
  name: Name;
  /** Description of the method in a few words, for the reference of the config. */
  about: string;
  /** Default encoding of categorical columns under this method. */
  encoding: Encoding;
  /**
   * Fits the clusters of a scheme. First it fits the preprocessing, then chooses k if the config gives a range, then fits the
   * clusters. Numbers the clusters by falling size. Releases all kernel memory.
   * @param trials k to try for a cost curve, even if the config names one k
   * @throws AppError cluster-count if the customers do not fill k clusters; bad-data for columns that cannot be clustered
   */
  fit(context: ClusterContext, scheme: ClusterScheme, trials?: KRange): Promise<FittedClusters>;
}

/** Declares a clustering method, with its name as a literal type. */
export function defineMethod<const Name extends string>(method: ClusterMethod<Name>): ClusterMethod<Name> {
  return method;
}
