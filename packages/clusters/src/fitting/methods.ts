import { required } from '@basketwise/core/kinds';
import type { ClusterScheme } from '../features/scheme.ts';
import { kmeans } from './kmeans.ts';
import { kprototypes } from './kprototypes.ts';
import type { ClusterMethod } from './method.ts';

/** All clustering methods, with the default first. This is the only list of them. */
export const methods = [kmeans, kprototypes] as const;

/** Names of the methods. */
export const methodNames = methods.map(({ name }) => name);

const methodsByName: ReadonlyMap<string, ClusterMethod<string>> = new Map(methods.map((method) => [method.name, method]));

/** Definition of a method, by name. @throws AppError bug for an unknown name */
export const methodOf = (name: string): ClusterMethod<string> => required(methodsByName, name);

/** Returns the scheme with the method's default encoding for columns that have none. */
export function withEncoding(scheme: ClusterScheme): ClusterScheme {
  return { ...scheme, otherEncoding: scheme.otherEncoding ?? methodOf(scheme.method).encoding };
}
