import { AppError } from '@basketwise/core';
import { kmeans } from './kmeans.ts';
import { kprototypes } from './kprototypes.ts';
import type { ClusterMethod } from './method.ts';
import type { ClusterScheme } from './scheme.ts';

/** Every way to cluster customers: the only place that names them all. The first is the default. */
export const clusterMethods = [kmeans, kprototypes] as const;

/** Names of the methods. */
export type MethodName = (typeof clusterMethods)[number]['name'];

const byName: ReadonlyMap<string, ClusterMethod<string>> = new Map(clusterMethods.map((method) => [method.name, method]));

/** The names, the default first. */
export const methodNames = clusterMethods.map(({ name }) => name) as [MethodName, ...MethodName[]];

/** A method by its name; undefined where there is none. */
export function findMethod(name: string): ClusterMethod<string> | undefined {
  return byName.get(name);
}

/** A method by its name. @throws AppError bug where there is none */
export function methodOf(name: string): ClusterMethod<string> {
  const found = byName.get(name);
  if (found) return found;
  throw new AppError('bug', `there is no cluster method ${name}`, 'Report this.');
}

/** A scheme with the encoding that its method gives columns for which it names none. */
export function withEncoding(scheme: ClusterScheme): ClusterScheme {
  return { ...scheme, otherEncoding: scheme.otherEncoding ?? methodOf(scheme.method).encoding };
}
