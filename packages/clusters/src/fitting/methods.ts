import { required } from '@basketwise/core/kinds';
import type { ClusterScheme } from '../features/scheme.ts';
import { kmeans } from './kmeans.ts';
import { kprototypes } from './kprototypes.ts';
import type { ClusterMethod } from './method.ts';

/** Clustering methods, the default first. No other file lists them all. */
export const methods = [kmeans, kprototypes] as const;

/** Names of the methods. */
export const methodNames = methods.map(({ name }) => name);

const methodsByName: ReadonlyMap<string, ClusterMethod<string>> = new Map(methods.map((method) => [method.name, method]));

/** Definition of a method, by name. @throws AppError bug for an unknown name */
export const methodOf = (name: string): ClusterMethod<string> => required(methodsByName, name);

/** Scheme with its method's default encoding for columns without one. */
export function withEncoding(scheme: ClusterScheme): ClusterScheme {
  return { ...scheme, otherEncoding: scheme.otherEncoding ?? methodOf(scheme.method).encoding };
}
