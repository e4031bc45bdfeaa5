import { required } from '@basketwise/core';
import type { ClusterContext } from '../features/customer-rows.ts';
import type { ClusterScheme, Encoding } from '../features/scheme.ts';
import type { FittedClusters } from './assignment.ts';
import type { KRange } from './choose-k.ts';

/**
 * Definition of a clustering method, which fits centres; customers belong to the nearest centre.
 * Commands that do not cluster load this definition, too. The code for fitting is therefore imported on demand.
 */
interface ClusterMethod {
  /** Name in the config's `method`. */
  name: string;
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

const fit: ClusterMethod['fit'] = async (...given) => (await import('./lloyd.ts')).fitLloyd(...given);

/** All clustering methods, with the default first. This is the only list of them. */
export const methods = [
  { name: 'kmeans', about: 'means of numbers, and of categories as columns of 0 and 1', encoding: 'one-hot', fit },
  { name: 'kprototypes', about: 'means of numbers, modes of categories', encoding: 'native', fit },
] as const satisfies readonly ClusterMethod[];

export const methodNames = methods.map(({ name }) => name);

const methodsByName: ReadonlyMap<string, ClusterMethod> = new Map(methods.map((method) => [method.name, method]));

/** Definition of a method, by name. @throws AppError bug for an unknown name */
export const methodOf = (name: string): ClusterMethod => required(methodsByName, name);

/** Returns the scheme with the method's default encoding for columns that have none. */
export function withEncoding(scheme: ClusterScheme): ClusterScheme {
  return { ...scheme, otherEncoding: scheme.otherEncoding ?? methodOf(scheme.method).encoding };
}
