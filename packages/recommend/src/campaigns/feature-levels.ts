import { AppError, compareCodes, required } from '@basketwise/core';
import { type CodedFeature, type ColumnCoding, codedCross } from './feature-coding.ts';

/** Maximum number of levels of a feature. */
const mostLevels = 256;
/** Maximum number of distinct values of a column of categories, including rare values. */
export const mostValues = 10_000;
/** Minimum number of customers for the check that a feature does not identify single customers. */
const fewestOfKey = 20;

/** Definition of a feature: a column in bands or as categories, or a crossing of two columns. */
export type FeatureDefinition = { bands?: number | readonly number[] | undefined } | { cross: readonly string[] };

/** Number of customers below which a value is rare. Of n customers it is max(0.001 n, min(100, 0.01 n)). */
export function rareBelow(customers: number): number {
  return Math.max(customers / 1000, Math.min(100, customers / 100));
}

/**
 * Checks that a column's values can be used as categories.
 * @param counts `known`: number of customers with a value; `distinct`: number of distinct values
 * @throws AppError config for a feature that is a key of customers, or with too many values
 */
export function checkCategories(name: string, { known: withValue, distinct }: { known: number; distinct: number }): void {
  const place = `features.${name}`;
  if (withValue >= fewestOfKey && distinct > withValue / 2) {
    throw new AppError(
      'config',
      `${place}: ${withValue} customers have ${distinct} values: it is a key of customers rather than what they have in common`,
      'Use `bands`, or coarser SQL (a part of a code, a decade), or leave the feature out.',
    );
  }
  if (distinct > mostValues) throw tooMany(place, `${distinct} values, at most ${mostValues} can be used`);
}

/**
 * Creates the coding of a column of categories. Rare values are pooled.
 * @param counts distinct values, each with its number of customers
 * @param customers number of all customers, including customers without a value
 * @throws AppError config for too many values
 */
export function categoryCoding(
  name: string,
  counts: readonly { value: string; customers: number }[],
  customers: number,
): ColumnCoding {
  const place = `features.${name}`;
  const rows = counts.toSorted((a, b) => compareCodes(a.value, b.value));
  const least = rareBelow(customers);
  const sumOf = (some: typeof rows) => some.reduce((sum, one) => sum + one.customers, 0);
  const values = rows.filter((row) => row.customers >= least);
  const pooled = rows.filter((row) => row.customers < least);
  if (sumOf(pooled) > sumOf(rows) / 2)
    throw tooMany(place, `${rows.length} values, most of them of fewer than ${Math.ceil(least)} customers`);
  if (values.length + 2 > mostLevels)
    throw tooMany(place, `${values.length} values that are not rare, at most ${mostLevels - 2} can be used`);
  return { kind: 'categories', values: values.map(({ value }) => value), pooled: pooled.map(({ value }) => value) };
}

function tooMany(place: string, what: string): AppError {
  return new AppError(
    'config',
    `${place}: it has ${what}`,
    'Use `bands`, or coarser SQL (a part of a code), or leave the feature out.',
  );
}

/** Positions of the first value of each band except the lowest, in the ascending list of all known values. @param valueCount number of known values */
export function bandStarts(bands: number, valueCount: number): number[] {
  return Array.from({ length: bands - 1 }, (_, i) => Math.floor(((i + 1) * valueCount) / bands));
}

/**
 * Creates the coding of a column in bands with about equal numbers of customers.
 * @param starts values at the positions of `bandStarts`
 * @param lowest the two lowest distinct values, null where the column has no such value
 * @throws AppError bad-data for a column with fewer than two distinct values
 */
export function bandCoding(
  name: string,
  starts: readonly number[],
  [least, next]: readonly [number | null, number | null],
): ColumnCoding {
  if (next === null) throw sameForAll(name, least === null ? 'it is null' : 'it has one value');
  // A bound at the lowest value would leave the band below it empty. The next distinct value replaces the bound.
  return { kind: 'bands', bounds: [...new Set(starts.map((value) => (value === least ? next : value)))] };
}

/** Error for a feature in bands that has non-finite values. @param customers number of customers with such a value */
export function notFinite(name: string, customers: number): AppError {
  const message = `features.${name}: it is not finite for ${customers} customers`;
  return new AppError('bad-data', message, 'Deliver null where the value is not known.');
}

function sameForAll(name: string, what: string): AppError {
  const message = `features.${name}: ${what} for all customers`;
  return new AppError('bad-data', message, 'Deliver the column, or leave the feature out.');
}

/**
 * Features in the order of their definitions: coded columns, and crossings of two columns. Rare pairs of a crossing are pooled.
 * @param codes level of each customer, by column. With `weight`, each element is a group of customers, and `weight` is the group's size
 * @throws AppError bad-data for a column with only one level
 */
export function codedFeatures(
  definitions: Readonly<Record<string, FeatureDefinition>>,
  columns: readonly CodedFeature<ColumnCoding>[],
  { codes, weight }: { codes: ReadonlyMap<string, Int16Array>; weight?: Uint32Array | undefined },
): CodedFeature[] {
  for (const column of columns) refuseConstant(column, required(codes, column.name));
  return Object.entries(definitions).map(([name, definition]): CodedFeature => {
    if (!('cross' in definition)) return columns.find((column) => column.name === name)!;
    const crossed = definition.cross.map((other) => columns.find((column) => column.name === other)!);
    const pair = crossed as [CodedFeature, CodedFeature];
    return crossing(name, pair, { codes: [required(codes, pair[0].name), required(codes, pair[1].name)], weight });
  });
}

function refuseConstant({ name, levels }: CodedFeature, codes: Int16Array): void {
  const [only] = codes;
  if (codes.some((code) => code !== only)) return;
  throw sameForAll(name, only === levels.length - 1 ? 'it is null' : 'it has one value, or is in one band,');
}

/** Creates the crossing of two features from the codes of the customers. Pairs are ordered by the level of the first feature, then of the second. */
function crossing(
  name: string,
  crossed: readonly [CodedFeature, CodedFeature],
  { codes: [firsts, seconds], weight }: { codes: readonly [Int16Array, Int16Array]; weight: Uint32Array | undefined },
): CodedFeature {
  const width = crossed[1].levels.length;
  const customers = new Uint32Array(crossed[0].levels.length * width);
  for (const [customer, first] of firsts.entries()) customers[first * width + seconds[customer]!]! += weight?.[customer] ?? 1;
  const least = rareBelow(customers.reduce((sum, count) => sum + count, 0));
  const pairs: [number, number][] = [];
  const pooled: [number, number][] = [];
  for (const [pair, count] of customers.entries()) {
    if (count > 0) (count < least ? pooled : pairs).push([Math.floor(pair / width), pair % width]);
  }
  return codedCross(name, crossed, { pairs, pooled });
}
