import type { Dialect } from '@basketwise/data';
import type { CustomerAssignment } from './assignment.ts';
import type { KChoice, KRange } from './choose-k.ts';
import type { AssignmentRows, ClusterModel, ClusterModelState } from './cluster-model.ts';
import type { ClusterContext } from './customer-rows.ts';
import type { ClusterScheme, Encoding } from './scheme.ts';

/** A fit and its assignment of customers. */
export interface FittedClusters {
  model: ClusterModel;
  assignment: CustomerAssignment;
}

/** A clustering method. A new one is a file with one of these and a line in methods.ts. */
export interface ClusterMethod<Name extends string> {
  /** Name in the config's `method`. */
  name: Name;
  /** Default encoding of categorical columns. */
  encoding: Encoding;
  /**
   * Fits the clusters of a scheme: preprocessing, k if the config gives a range, then the clusters, numbered by falling size. Releases all
   * kernel memory.
   * @param trials also tries these k, even if the config names one
   * @throws AppError cluster-count if the customers do not fill k clusters; bad-data for columns that cannot be clustered
   */
  fit(context: ClusterContext, scheme: ClusterScheme, trials?: KRange): Promise<FittedClusters>;
  /** Tries every k of a range on a scheme's customers. Releases all kernel memory. */
  choose(context: ClusterContext, scheme: ClusterScheme, range: KRange): Promise<KChoice>;
  /** Assigns customers to the clusters of a model, block by block, for any number of customers. */
  assign(context: ClusterContext, scheme: ClusterScheme, model: ClusterModel): Promise<CustomerAssignment>;
  /** The assignment as one query of the engine, bit-equal. */
  sql(dialect: Dialect, model: ClusterModel, rows: AssignmentRows): string;
  /** Content of a model file. */
  state(model: ClusterModel): ClusterModelState;
  /** The model of a file. @throws AppError bad-data if the state is not one of this method */
  restore(state: ClusterModelState): ClusterModel;
}
