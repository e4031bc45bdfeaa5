import { AppError, type PlainDate, required, type SomeCustomers, setSome } from '@basketwise/core';
import { bandLimits } from './bank-settings.ts';
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

/** Values of a feature, one element per customer. Null: the value is unknown. */
export type CustomerValues = ArrayLike<string | number | null>;

/** Feature of customers that models can rank by. Its values become levels by the rules for features of a config (docs/customers.md). */
export type CustomerFeature =
  | {
      name: string;
      /** Values that hold on all dates. For a feature that changes, a function from a date to the values on it. */
      values: CustomerValues | ((date: PlainDate) => CustomerValues);
      /** Bounds of bands of numbers, or the number of bands with about equally many customers. Default: each distinct value, as text, is a level. */
      bands?: number | readonly number[];
    }
  | {
      name: string;
      /** Names of two other features. Each pair of their levels is a level of this feature. */
      cross: readonly [string, string];
    };

type ValuedFeature = Extract<CustomerFeature, { values: unknown }>;

/**
 * Turns features of customers into coded levels. The levels are made from the values on the date of the lists.
 * @param customers customers and date of the lists. If `isDated` is false, holdings have no dates, and features must not change
 * @throws AppError usage for features that do not fit the customers. AppError config or bad-data, as in the batch job, for features that cannot be
 * used
 */
export function featureContexts(features: readonly CustomerFeature[], customers: Customers): DatedContexts | null {
  if (features.length === 0) return null;
  checkNames(features);
  const valued = features.filter((feature): feature is ValuedFeature => 'values' in feature);
  const columns = valued.map((feature) => datedColumn(feature, customers));
  const codesOn = (date: PlainDate, only?: number | SomeCustomers) =>
    new Map(columns.map(({ column, codesAt }) => [column.name, codesAt(date, only)] as const));
  const definitions = features.map((feature): [string, FeatureDefinition] => [feature.name, feature]);
  const all = columns.map(({ column }) => column);
  const coded = codedFeatures(Object.fromEntries(definitions), all, { codes: codesOn(customers.date) });
  return {
    at: async (date, only) => {
      const codes = withCrossings(coded, codesOn(date, only));
      const wanted = coded.map(({ name }) => required(codes, name));
      return contextsOf(coded, wanted, wanted[0]!.length);
    },
  };
}

function checkNames(features: readonly CustomerFeature[]): void {
  const columns = features.filter((feature) => 'values' in feature).map(({ name }) => name);
  for (const [i, feature] of features.entries()) {
    if (features.findIndex(({ name }) => name === feature.name) < i) refuseFeature(feature.name, 'it is there twice');
    if ('values' in feature) continue;
    const withoutValues = feature.cross.find((one) => !columns.includes(one));
    if (withoutValues !== undefined) refuseFeature(feature.name, `it crosses ${withoutValues}, which has no values`);
    if (feature.cross[0] === feature.cross[1]) refuseFeature(feature.name, 'it crosses a feature with itself');
  }
}

function refuseFeature(name: string, what: string): never {
  throw new AppError('usage', `features.${name}: ${what}`, 'See CustomerFeature of @basketwise/recommend.');
}

/** Number of customers, date of the lists, and whether holdings have dates. */
interface Customers {
  customers: number;
  date: PlainDate;
  isDated: boolean;
}

/** Column of a feature, and the codes of its values on a date for all customers, one customer or a sample. */
interface DatedColumn {
  column: CodedFeature<ColumnCoding>;
  codesAt(date: PlainDate, only?: number | SomeCustomers): Int16Array;
}

/** Creates the column of a feature from the values on the date of the lists. Fixed values are coded only once, for all dates. */
function datedColumn(feature: ValuedFeature, customers: Customers): DatedColumn {
  const { name, values } = feature;
  const isFixed = typeof values !== 'function';
  if (!isFixed && !customers.isDated) refuseFeature(name, 'it changes, and holdings have no dates');
  const now = checkedValues(feature, customers, customers.date);
  const column = codedColumn(name, codingOf(feature, now));
  const codes = codesOfValues(column, now);
  return {
    column,
    codesAt(date, only) {
      if (isFixed || date === customers.date) return someCodes(codes, only);
      return codesOfValues(column, checkedValues(feature, customers, date), only);
    },
  };
}

/**
 * Values of a feature on a date, checked.
 * @throws AppError usage for a wrong number of values, bad-data for values in bands that are not finite
 */
function checkedValues({ name, values, bands }: ValuedFeature, { customers }: Customers, date: PlainDate): CustomerValues {
  const given = typeof values === 'function' ? values(date) : values;
  if (given.length !== customers) refuseFeature(name, `${given.length} values on ${date}, of ${customers} customers`);
  if (bands === undefined) return given;
  let faults = 0;
  for (let i = 0; i < given.length; i++) if (given[i] !== null && !Number.isFinite(given[i])) faults++;
  if (faults > 0) throw notFinite(name, faults);
  return given;
}

function codingOf({ name, bands }: ValuedFeature, values: CustomerValues): ColumnCoding {
  if (bands === undefined) return categoriesOf(name, values);
  const { fewest, most, mostBounds } = bandLimits;
  if (typeof bands !== 'number') {
    if (bands.length > mostBounds) refuseFeature(name, `${bands.length} bounds, at most ${mostBounds} can be used`);
    if (bands.length === 0 || bands.some((bound, i) => !(i === 0 ? Number.isFinite(bound) : bound > bands[i - 1]!)))
      refuseFeature(name, 'the bounds of its bands do not rise');
    return { kind: 'bands', bounds: bands };
  }
  if (!(Number.isInteger(bands) && bands >= fewest && bands <= most))
    refuseFeature(name, `${bands} bands, not ${fewest} to ${most}`);
  const sorted = Float64Array.from(Array.from(values).filter((value) => value !== null) as number[]).sort();
  const starts = bandStarts(bands, sorted.length).map((place) => sorted[place]!);
  return bandCoding(name, starts, [sorted[0] ?? null, sorted.find((value) => value > sorted[0]!) ?? null]);
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

/** Codes of a column's values for all customers, one customer or a sample. Each distinct category is coded once. */
function codesOfValues(column: CodedFeature<ColumnCoding>, values: CustomerValues, only?: number | SomeCustomers): Int16Array {
  const codeByValue = new Map<string | number, number>();
  const codeOf = (value: string | number | null): number => {
    if (value === null || column.coding.kind === 'bands') return columnCode(column, value);
    const code = codeByValue.get(value) ?? columnCode(column, value);
    codeByValue.set(value, code);
    return code;
  };
  if (typeof only === 'number') return Int16Array.of(codeOf(values[only] ?? null));
  const codes = new Int16Array(only?.customers ?? values.length);
  for (let i = 0; i < values.length; i++) {
    const place = only === undefined ? i : only.numberOf[i]!;
    if (place >= 0) codes[place] = codeOf(values[i] ?? null);
  }
  return codes;
}

/** Selects the codes of one customer, or of a sample in the order of the sample's numbers. */
function someCodes(codes: Int16Array, only: number | SomeCustomers | undefined): Int16Array {
  if (only === undefined) return codes;
  if (typeof only === 'number') return codes.slice(only, only + 1);
  const some = new Int16Array(only.customers);
  setSome(some, codes, only.numberOf);
  return some;
}
