import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ifThere, readWhole } from './open-file.ts';
/** Shape of a JSON value. Schemas of zod have this interface, too. Loading zod takes a quarter of the time of a short command. */
export interface Shape<T> {
  safeParse(value: unknown): { success: boolean; data?: T | undefined };
}

/** Values that have a shape. */
export type ValueOf<S> = S extends Shape<infer T> ? T : never;

/** Makes the shape of all values for which `fits` returns true. `safeParse` returns the value itself, not a copy. */
export function shapeOf<T>(fits: (value: unknown) => boolean): Shape<T> {
  return { safeParse: (value) => (fits(value) ? { success: true, data: value as T } : { success: false }) };
}

const has = (shape: Shape<unknown>, value: unknown) => shape.safeParse(value).success;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textShape = shapeOf<string>((value) => typeof value === 'string');

/** Shape of a finite number. */
export const numberShape = shapeOf<number>(Number.isFinite);

/** Makes the shape that only the given values have. */
export function oneOf<const T extends readonly unknown[]>(...values: T): Shape<T[number]> {
  return shapeOf((value) => values.includes(value));
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return shapeOf((value) => value === null || has(shape, value));
}

/** Makes the shape of a value or undefined, for keys that can be absent. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return shapeOf((value) => value === undefined || has(shape, value));
}

export function listOf<T>(shape: Shape<T>): Shape<T[]> {
  return shapeOf((value) => Array.isArray(value) && value.every((one) => has(shape, one)));
}

/** Makes the shape of an object with any keys, whose values have one shape. */
export function recordOf<T>(shape: Shape<T>): Shape<Record<string, T>> {
  return shapeOf((value) => isObject(value) && Object.values(value).every((one) => has(shape, one)));
}

/** Shapes of the keys of an object. */
type Fields = Readonly<Record<string, Shape<unknown>>>;

type OptionalKeys<F extends Fields> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never }[keyof F];

type ObjectOf<F extends Fields> = { -readonly [K in Exclude<keyof F, OptionalKeys<F>>]: ValueOf<F[K]> } & {
  -readonly [K in OptionalKeys<F>]?: ValueOf<F[K]>;
};

/** Makes the shape of an object with these keys. It can have other keys, too. */
export function objectOf<const F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const keys = Object.entries(fields);
  return shapeOf((value) => isObject(value) && keys.every(([key, shape]) => has(shape, value[key])));
}

/** Makes the shape of an object with these keys and no others. */
export function exactObject<const F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const some = objectOf(fields);
  return shapeOf((value) => has(some, value) && Object.keys(value as object).every((key) => Object.hasOwn(fields, key)));
}

/** Reads a JSON document. Undefined if it is absent or damaged. @throws AppError as `ifThere` */
export async function readJson<T>(path: string): Promise<T | undefined> {
  const bytes = await ifThere(path, readWhole(path));
  try {
    return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as T);
  } catch {
    return undefined;
  }
}

/**
 * Reads a JSON document that must have a shape. Undefined if the file is absent. If it is damaged, or has another shape, calls
 * `warn` and returns undefined. The document is returned as written, including keys outside the shape.
 */
export async function readShaped<T>(
  path: string,
  shape: Shape<T>,
  warn: (problem: string) => void = () => {},
): Promise<T | undefined> {
  const found = await readJson<T>(path);
  if (found !== undefined && shape.safeParse(found).success) return found;
  if ((await ifThere(path, stat(path))) !== undefined) warn(`${basename(path)} is damaged, or of another version`);
  return undefined;
}
