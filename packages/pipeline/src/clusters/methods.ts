import { AppError } from '@basketwise/core/error';
import { kmeans } from './kmeans.ts';
import { kprototypes } from './kprototypes.ts';
import type { ClusterMethod } from './method.ts';
import type { ClusterScheme, MethodName } from './scheme.ts';

/** All clustering methods, by name. */
const methodsByName: { readonly [Name in MethodName]: ClusterMethod<Name> } = { kmeans, kprototypes };

/** A method by its name; undefined for an unknown name. */
export function findMethod(name: string): ClusterMethod<string> | undefined {
  return Object.hasOwn(methodsByName, name) ? methodsByName[name as MethodName] : undefined;
}

/** A method by its name. @throws AppError bug for an unknown name */
export function methodOf(name: string): ClusterMethod<string> {
  const found = findMethod(name);
  if (found) return found;
  throw new AppError('bug', `there is no cluster method ${name}`, 'Report this.');
}

/** A scheme with its method's default encoding for columns without one. */
export function withEncoding(scheme: ClusterScheme): ClusterScheme {
  return { ...scheme, otherEncoding: scheme.otherEncoding ?? methodOf(scheme.method).encoding };
}
