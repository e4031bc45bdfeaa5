import { AppError } from '@basketwise/core/error';
import { type PlainDate, required, type SomeCustomers, setSome } from '@basketwise/core/parts';
import { contextsOf, type DatedContexts } from './customer-contexts.ts';
import { type CodedFeature, type ColumnCoding, codedColumn, columnCode, withCrossings } from './feature-coding.ts';
import {
  bandCoding,
  bandStarts,
  categoryCoding,
  checkCategories,
  codedFeatures,
  type FeatureDefinition,
  notFinite,
} from './feature-levels.ts';

/** Most bands of a feature. */
const mostBands = 50;

/** Values of a feature, one element per customer. Null: unknown. */
export type CustomerValues = ArrayLike<string | number | null>;

/**
 * Feature of customers that models can rank by. Levels are made of its values like those of a config's feature
 * (docs/features.md).
 */
export type CustomerFeature =
  | {
      name: string;
      /** Values on every date. For a feature that changes, a function from a date to its values. */
      values: CustomerValues | ((date: PlainDate) => CustomerValues);
      /**
       * Bounds of bands of numbers, or the number of bands with about equally many customers. Default: each value is a level, as
       * text.
       */
      bands?: number | readonly number[];
    }
  | {
      name: string;
      /** Two other features. The levels are pairs of their levels. */
      cross: readonly [string, string];
    };

type ValuedFeature = Extract<CustomerFeature, { values: unknown }>;

/**
 * Features of customers by coded levels. Levels are made of the values on the date of the lists.
 * @param of `isDated`: whether holdings have dates. Without dates no feature can change
 * @throws AppError usage for features that do not fit the customers; config and bad-data as the batch job for features that
 * cannot be used
 */
export function featureContexts(
  features: readonly CustomerFeature[],
  of: { customers: number; date: PlainDate; isDated: boolean },
): DatedContexts | null {
  if (features.length === 0) return null;
  checkNames(features);
  const valued = features.filter((feature): feature is ValuedFeature => 'values' in feature);
  const read = valued.map((feature) => valuesReader(feature, of));
  const columns = valued.map((feature, i) => codedColumn(feature.name, codingOf(feature, read[i]!(of.date))));
  const codesOn = (date: PlainDate) =>
    new Map(columns.map((column, i) => [column.name, codesOfValues(column, read[i]!(date))] as const));
  const definitions = features.map((feature): [string, FeatureDefinition] => [feature.name, feature]);
  const coded = codedFeatures(Object.fromEntries(definitions), columns, { codes: codesOn(of.date) });
  return {
    at: async (date, only) => {
      const codes = withCrossings(coded, codesOn(date));
      const wanted = coded.map(({ name }) => someCodes(required(codes, name), only));
      return contextsOf(coded, wanted, wanted[0]!.length);
    },
  };
}

function checkNames(features: readonly CustomerFeature[]): void {
  const columns = features.filter((feature) => 'values' in feature).map(({ name }) => name);
  for (const [i, feature] of features.entries()) {
    if (features.findIndex(({ name }) => name === feature.name) < i) refuse(feature.name, 'it is there twice');
    if ('values' in feature) continue;
    const other = feature.cross.find((one) => !columns.includes(one));
    if (other !== undefined) refuse(feature.name, `it crosses ${other}, which has no values`);
  }
}

function refuse(name: string, what: string): never {
  throw new AppError('usage', `features.${name}: ${what}`, 'See CustomerFeature of @basketwise/recommend.');
}

/** Returns the reader of a feature's values as of a date. */
function valuesReader(
  { name, values, bands }: ValuedFeature,
  { customers, isDated }: { customers: number; isDated: boolean },
): (date: PlainDate) => CustomerValues {
  if (typeof values === 'function' && !isDated) refuse(name, 'it changes, and holdings have no dates');
  return (date) => {
    const found = typeof values === 'function' ? values(date) : values;
    if (found.length !== customers) refuse(name, `${found.length} values on ${date}, of ${customers} customers`);
    if (bands === undefined) return found;
    const faults = Array.from(found).filter((value) => value !== null && !Number.isFinite(value)).length;
    if (faults > 0) throw notFinite(name, faults);
    return found;
  };
}

function codingOf({ name, bands }: ValuedFeature, values: CustomerValues): ColumnCoding {
  if (bands === undefined) return categoriesOf(name, values);
  if (typeof bands !== 'number') {
    if (bands.length === 0 || bands.some((bound, i) => !(i === 0 ? Number.isFinite(bound) : bound > bands[i - 1]!)))
      refuse(name, 'the bounds of its bands do not rise');
    return { kind: 'bands', bounds: bands };
  }
  if (!(Number.isInteger(bands) && bands >= 2 && bands <= mostBands)) refuse(name, `${bands} bands, not 2 to ${mostBands}`);
  const known = Float64Array.from(Array.from(values).filter((value) => value !== null) as number[]).sort();
  const starts = bandStarts(bands, known.length).map((place) => known[place]!);
  return bandCoding(name, starts, [known[0] ?? null, known.find((value) => value > known[0]!) ?? null]);
}

function categoriesOf(name: string, values: CustomerValues): ColumnCoding {
  const counts = new Map<string, number>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  const counted = Array.from(counts, ([value, customers]) => ({ value, customers }));
  checkCategories(name, { known: counted.reduce((sum, { customers }) => sum + customers, 0), distinct: counted.length });
  return categoryCoding(name, counted, values.length);
}

/** Codes of a column's values. Each distinct value is coded once. */
function codesOfValues(column: CodedFeature<ColumnCoding>, values: CustomerValues): Int16Array {
  const codeOf = new Map<string | number | null, number>();
  return Int16Array.from(values as ArrayLike<number>, (_, i) => {
    const value = values[i] ?? null;
    const code = codeOf.get(value) ?? columnCode(column, value);
    codeOf.set(value, code);
    return code;
  });
}

/** Codes of one customer, or of a sample by their number in it. */
function someCodes(codes: Int16Array, only: number | SomeCustomers | undefined): Int16Array {
  if (only === undefined) return codes;
  if (typeof only === 'number') return codes.slice(only, only + 1);
  const some = new Int16Array(only.customers);
  setSome(some, codes, only.numberOf);
  return some;
}
