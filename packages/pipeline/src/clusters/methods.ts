import { AppError } from '@basketwise/core/error';
import { kmeans } from './kmeans.ts';
import { kprototypes } from './kprototypes.ts';
import type { ClusterMethod } from './method.ts';
import type { ClusterScheme, MethodName } from './scheme.ts';

/** Every way to cluster customers, by its name. */
const methodsByName: { readonly [Name in MethodName]: ClusterMethod<Name> } = { kmeans, kprototypes };

/** A method by its name; undefined where there is none. */
export function findMethod(name: string): ClusterMethod<string> | undefined {
  return Object.hasOwn(methodsByName, name) ? methodsByName[name as MethodName] : undefined;
}

/** A method by its name. @throws AppError bug where there is none */
export function methodOf(name: string): ClusterMethod<string> {
  const found = findMethod(name);
  if (found) return found;
  throw new AppError('bug', `there is no cluster method ${name}`, 'Report this.');
}

/** A scheme with the encoding that its method gives columns for which it names none. */
export function withEncoding(scheme: ClusterScheme): ClusterScheme {
  return { ...scheme, otherEncoding: scheme.otherEncoding ?? methodOf(scheme.method).encoding };
}
