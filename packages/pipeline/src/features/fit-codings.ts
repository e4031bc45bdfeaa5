import { AppError } from '@basketwise/core';
import { required } from '@basketwise/core/parts';
import { compareUtf8, type Engine, queryCounts, queryRows, type Snapshot } from '@basketwise/data';
import { type CodedFeature, type ColumnCoding, codedColumn, codedCross } from '@basketwise/recommend';
import type { FeatureConfig } from '../config/schema.ts';
import { columnAt, readCodes } from './codes.ts';

/** Most levels that a feature may have. */
const mostLevels = 256;
/** Most values of a column of categories, rare ones included. */
const mostValues = 10_000;
/** Fewest customers for the check that a feature is not a key. */
const fewestOfKey = 20;

/** Least number of customers of a value that is not rare: 100 or .1 % of all, whichever is more; of fewer than 10,000 customers 1 %. */
export function rareBelow(customers: number): number {
  return Math.max(customers / 1000, Math.min(100, customers / 100));
}

/** Values of features, in any engine. */
export interface FeatureValues {
  engine: Engine;
  customers: number;
  /** By feature: a relation and its column, as SQL, with the values that levels are made from; and those of all dates. */
  at(name: string): FeatureCell;
  all(name: string): readonly FeatureCell[];
  /** Codes of customers as of the date of the levels, by feature; or of groups of customers with their sizes. */
  codes(columns: readonly CodedFeature<ColumnCoding>[]): Promise<{ codes: Map<string, Int16Array>; weight?: Uint32Array }>;
}

interface FeatureCell {
  table: string;
  column: string;
}

/** Values of the features of a snapshot. */
function snapshotValues(snapshot: Snapshot, signal?: AbortSignal): FeatureValues {
  const { dates, columns } = snapshot.manifest.features!;
  const date = dates[0]!;
  return {
    ...{ engine: snapshot.engine, customers: snapshot.customerCount },
    at: (name) => columnAt(snapshot, name, date),
    all: (name) => columns.find((feature) => feature.name === name)!.at.flatMap((cell) => cell ?? []),
    codes: async (features) => ({ codes: await readCodes(snapshot, features, date, { signal }) }),
  };
}

/**
 * Makes the levels of features from their values at the first date of the snapshot's features.
 * @throws AppError as `fitCodingsOf`
 */
export async function fitCodings(
  snapshot: Snapshot,
  features: Readonly<Record<string, FeatureConfig>>,
  signal?: AbortSignal,
): Promise<CodedFeature[]> {
  return await fitCodingsOf(snapshotValues(snapshot, signal), features);
}

/**
 * Makes the levels of features from their values.
 * @throws AppError config for an unusable feature, bad-data for a constant or one that is no number
 */
export async function fitCodingsOf(
  values: FeatureValues,
  features: Readonly<Record<string, FeatureConfig>>,
): Promise<CodedFeature[]> {
  const columns: CodedFeature<ColumnCoding>[] = [];
  for (const [name, feature] of Object.entries(features)) {
    if ('cross' in feature) continue;
    const coding =
      feature.bands === undefined
        ? await categories(values, name)
        : { kind: 'bands' as const, bounds: await bandBounds(values, name, feature.bands) };
    columns.push(codedColumn(name, coding));
  }
  const { codes, weight } = await values.codes(columns);
  for (const column of columns) refuseSingle(column, required(codes, column.name));
  return Object.entries(features).map(([name, feature]): CodedFeature => {
    if (!('cross' in feature)) return columns.find((column) => column.name === name)!;
    const [first, second] = feature.cross.map((of) => columns.find((column) => column.name === of)!) as [
      CodedFeature,
      CodedFeature,
    ];
    return crossing(name, [first, second], { codes: [required(codes, first.name), required(codes, second.name)], weight });
  });
}

function refuseSingle({ name, levels }: CodedFeature, codes: Int16Array): void {
  const [only] = codes;
  if (codes.some((code) => code !== only)) return;
  throw single(`features.${name}`, only === levels.length - 1 ? 'it is null' : 'it has one value, or is in one band,');
}

/** The crossing of two features, from the codes of customers; pairs are in order of the levels of the first. */
function crossing(
  name: string,
  of: readonly [CodedFeature, CodedFeature],
  { codes: [firsts, seconds], weight }: { codes: readonly [Int16Array, Int16Array]; weight: Uint32Array | undefined },
): CodedFeature {
  const width = of[1].levels.length;
  const customers = new Uint32Array(of[0].levels.length * width);
  for (const [customer, first] of firsts.entries()) customers[first * width + seconds[customer]!]! += weight?.[customer] ?? 1;
  const least = rareBelow(customers.reduce((sum, count) => sum + count, 0));
  const pairs: [number, number][] = [];
  const pooled: [number, number][] = [];
  for (const [pair, count] of customers.entries()) {
    if (count > 0) (count < least ? pooled : pairs).push([Math.floor(pair / width), pair % width]);
  }
  return codedCross(name, of, { pairs, pooled });
}

/**
 * Values with their customers, rare ones separately.
 * @throws AppError config for a feature that is a key of customers, or with too many values
 */
async function categories(
  { engine, customers, at }: Pick<FeatureValues, 'engine' | 'customers' | 'at'>,
  name: string,
): Promise<ColumnCoding> {
  const { table, column } = at(name);
  const place = `features.${name}`;
  const [found] = await queryRows(
    engine,
    `SELECT count(${column}) AS known, count(DISTINCT ${column}) AS distinct_values FROM ${table}`,
    {
      place,
    },
  );
  const counts = { known: Number(found!.known), distinct: Number(found!.distinct_values) };
  refuseKey(place, counts);
  const sql = `SELECT ${column} AS value, count(*) AS customers FROM ${table} WHERE ${column} IS NOT NULL GROUP BY ${column}`;
  const rows = await queryRows(engine, sql, { place });
  return categoriesOf(
    place,
    customers,
    counts,
    rows.map((row) => ({ value: String(row.value), customers: Number(row.customers) })),
  );
}

/** Customers with a value of a feature, and the number of different values. */
interface ValueCounts {
  known: number;
  distinct: number;
}

function refuseKey(place: string, { known, distinct }: ValueCounts): void {
  if (known >= fewestOfKey && distinct > known / 2) {
    throw new AppError(
      'config',
      `${place}: ${known} customers have ${distinct} values: it is a key of customers rather than what they have in common`,
      'Use `bands`, or coarser SQL (a part of a code, a decade), or leave the feature out.',
    );
  }
  if (distinct > mostValues) throw tooMany(place, `${distinct} values, at most ${mostValues} can be used`);
}

/** Levels of the values of a feature. @throws AppError config for too many of them */
function categoriesOf(
  place: string,
  customers: number,
  { known, distinct }: ValueCounts,
  found: readonly { value: string; customers: number }[],
): ColumnCoding {
  const rows = found.toSorted((a, b) => compareUtf8(a.value, b.value));
  const least = rareBelow(customers);
  const values = rows.filter(({ customers }) => customers >= least);
  const pooled = rows.filter(({ customers }) => customers < least);
  const inOther = pooled.reduce((sum, { customers }) => sum + customers, 0);
  if (inOther > known / 2) throw tooMany(place, `${distinct} values, most of them of fewer than ${Math.ceil(least)} customers`);
  if (values.length + 2 > mostLevels)
    throw tooMany(place, `${values.length} values that are not rare, at most ${mostLevels - 2} can be used`);
  return { kind: 'categories', values: values.map(({ value }) => value), pooled: pooled.map(({ value }) => value) };
}

/**
 * Checks that columns can be features, by one scan of their relation.
 * @param columns each a column of the relation, by the name of its feature
 * @throws AppError config as `categories`
 */
export async function checkCategories(
  engine: Engine,
  relation: string,
  columns: ReadonlyMap<string, string>,
  customers: number,
): Promise<void> {
  const names = [...columns.keys()];
  const cases = [...columns.values()].map((column, i) => `WHEN ${i} THEN ${column}`).join(' ');
  const numbers = names.map((_, i) => `SELECT ${i} AS feature`).join(' UNION ALL ');
  const values = `SELECT feature, CASE feature ${cases} END AS value FROM ${relation} CROSS JOIN (${numbers}) numbered`;
  const counted = `SELECT feature, value, count(*) AS customers FROM (${values}) valued WHERE value IS NOT NULL GROUP BY feature, value`;
  const each = 'OVER (PARTITION BY feature)';
  const totals = `SELECT feature, value, customers, sum(customers) ${each} AS known, count(*) ${each} AS distinct_values, row_number() OVER (PARTITION BY feature ORDER BY value) AS place FROM (${counted}) counted`;
  const sql = `SELECT * FROM (${totals}) numbered WHERE place <= ${mostValues} ORDER BY feature, place`;
  const rows = await queryRows(engine, sql, { place: 'features' });
  for (const [i, name] of names.entries()) {
    const own = rows.filter(({ feature }) => Number(feature) === i);
    const counts = { known: Number(own[0]?.known ?? 0), distinct: Number(own[0]?.distinct_values ?? 0) };
    refuseKey(`features.${name}`, counts);
    const found = own.map((row) => ({ value: String(row.value), customers: Number(row.customers) }));
    categoriesOf(`features.${name}`, customers, counts, found);
  }
}

function tooMany(place: string, what: string): AppError {
  return new AppError(
    'config',
    `${place}: it has ${what}`,
    'Use `bands`, or coarser SQL (a part of a code), or leave the feature out.',
  );
}

/** The bounds of bands: as configured, or for bands with about equal numbers of customers. */
async function bandBounds(values: FeatureValues, name: string, bands: number | readonly number[]): Promise<readonly number[]> {
  const place = `features.${name}`;
  await refuseNotFinite(values, name);
  if (typeof bands !== 'number') return bands;
  const { engine } = values;
  const { table, column } = values.at(name);
  const known = `(SELECT ${column} AS value FROM ${table} WHERE ${column} IS NOT NULL)`;
  const [extent] = await queryRows(engine, `SELECT count(*) AS known, min(value) AS least FROM ${known} v`, { place });
  const { least } = extent!;
  const count = Number(extent!.known);
  const ranks = Array.from({ length: bands - 1 }, (_, i) => Math.floor(((i + 1) * count) / bands));
  const ranked = `(SELECT value, row_number() OVER (ORDER BY value) - 1 AS place FROM ${known} v)`;
  const found = await queryRows(
    engine,
    `SELECT value, place FROM ${ranked} r WHERE place IN (${ranks.join(', ')}) ORDER BY place`,
    { place },
  );
  const lowest = `(SELECT value, min(value) OVER () AS least FROM ${known} v)`;
  const [{ next }] = (await queryRows(engine, `SELECT min(value) AS next FROM ${lowest} l WHERE value > least`, { place })) as [
    { next: number | null },
  ];
  if (next === null) throw single(place, count === 0 ? 'it is null' : 'it has one value');
  // if the lowest value fills a band, it becomes a separate one
  return [...new Set(found.map(({ value }) => (value === least ? next : Number(value))))];
}

/** Only finite numbers have a band; at every date. */
async function refuseNotFinite({ engine, all }: FeatureValues, name: string): Promise<void> {
  const place = `features.${name}`;
  for (const table of new Set(all(name).map((cell) => cell.table))) {
    const columns = all(name).flatMap((cell) => (cell.table === table ? [cell.column] : []));
    const counts = columns.map((column, i) => [
      `faults_${i}`,
      `count(CASE WHEN ${engine.dialect.isNotFinite(column)} THEN 1 END)`,
    ]);
    const found = Object.values(await queryCounts(engine, Object.fromEntries(counts), table, { place }));
    const faults = found.find((count) => count > 0);
    if (faults === undefined) continue;
    throw new AppError(
      'bad-data',
      `${place}: it is not finite for ${faults} customers`,
      'Deliver null where the value is not known.',
    );
  }
}

function single(place: string, what: string): AppError {
  return new AppError('bad-data', `${place}: ${what} for all customers`, 'Deliver the column, or leave the feature out.');
}
