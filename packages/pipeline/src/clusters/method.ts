import type { Dialect } from '@basketwise/data';
import type { CustomerAssignment } from './assignment.ts';
import type { KChoice, KRange } from './choose-k.ts';
import type { AssignmentRows, ClusterModel, ClusterModelState } from './cluster-model.ts';
import type { ClusterContext } from './customer-rows.ts';
import type { ClusterScheme, Encoding } from './scheme.ts';

/** A fit and who it put where. */
export interface FittedClusters {
  model: ClusterModel;
  assignment: CustomerAssignment;
}

/** A way to cluster customers. A new one is a file with one of these and a line in methods.ts. */
export interface ClusterMethod<Name extends string> {
  /** As `method` names it. */
  name: Name;
  /** The encoding of categorical columns for which the config names none. */
  encoding: Encoding;
  /**
   * Fits the clusters of a scheme: preprocessing, k where the config gives a range, then the clusters, numbered by falling size. Everything in kernel
   * memory is released again.
   * @param trials also tries these k, where the config gives one
   * @throws AppError cluster-count where the customers do not fill k clusters; bad-data for columns that cannot be clustered
   */
  fit(context: ClusterContext, scheme: ClusterScheme, trials?: KRange): Promise<FittedClusters>;
  /** Tries every k of a range on a scheme's customers. Everything in kernel memory is released again. */
  choose(context: ClusterContext, scheme: ClusterScheme, range: KRange): Promise<KChoice>;
  /** Puts customers into the clusters of a model, block by block, whatever their number. */
  assign(context: ClusterContext, scheme: ClusterScheme, model: ClusterModel): Promise<CustomerAssignment>;
  /** The same as one query of the engine, with the same result to the last bit. */
  sql(dialect: Dialect, model: ClusterModel, rows: AssignmentRows): string;
  /** Content of a model file. */
  state(model: ClusterModel): ClusterModelState;
  /** The model of a file. @throws AppError bad-data where the state is not one of this method */
  restore(state: ClusterModelState): ClusterModel;
}
