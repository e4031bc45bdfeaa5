import { required } from '@basketwise/core';
import { type Engine, queryCounts, queryRows, type Snapshot } from '@basketwise/data';
import {
  bandCoding,
  bandStarts,
  type CodedFeature,
  type ColumnCoding,
  categoryCoding,
  checkCategories,
  codedColumn,
  codedFeatures,
  mostValues,
  notFinite,
} from '@basketwise/recommend';
import type { FeatureConfig } from '../config/schema.ts';
import { columnAt, readCodes } from './codes.ts';

/** Access to the values of features, in a snapshot or on a server. */
export interface FeatureValues {
  engine: Engine;
  customers: number;
  /** Relation and column (names in SQL) with the feature's values from which its levels are determined. */
  at(name: string): FeatureCell;
  /** Relations and columns (names in SQL) with the feature's values at all dates. */
  all(name: string): readonly FeatureCell[];
  /**
   * Codes of each feature, as of the date whose values determine the levels: i16[customers]. A server can return i16[groups of
   * customers] instead; `weight` is then the number of customers of each group.
   */
  codes(columns: readonly CodedFeature<ColumnCoding>[]): Promise<{ codes: Map<string, Int16Array>; weight?: Uint32Array }>;
}

interface FeatureCell {
  table: string;
  column: string;
}

/** Access to the feature values of a snapshot. */
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
 * Determines the levels of features from their values at the first date of the snapshot's features.
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
 * Determines the levels of features from their values.
 * @throws AppError config for a feature that models cannot use, bad-data for a feature that is constant or is no number
 */
export async function fitCodingsOf(
  values: FeatureValues,
  features: Readonly<Record<string, FeatureConfig>>,
): Promise<CodedFeature[]> {
  const columns: CodedFeature<ColumnCoding>[] = [];
  for (const [name, feature] of Object.entries(features)) {
    if ('cross' in feature) continue;
    const { bands } = feature;
    columns.push(
      codedColumn(name, bands === undefined ? await categories(values, name) : await bandsOfNumbers(values, name, bands)),
    );
  }
  return codedFeatures(features, columns, await values.codes(columns));
}

/**
 * Determines the codes of each column's values; rare values share a code. Checks that the columns can be features. Reads files once.
 * @param columns maps each feature to its column in the relation
 * @throws AppError config for a feature that identifies customers, or has too many values
 */
export async function codeCategories(
  engine: Engine,
  relation: string,
  columns: ReadonlyMap<string, string>,
  customers: number,
): Promise<Map<string, ColumnCoding>> {
  const names = [...columns.keys()];
  const place = names.length === 1 ? `features.${names[0]}` : 'features';
  const rows = await queryRows(engine, countedValues(engine, relation, [...columns.values()]), { place });
  const codings = names.map((name, i): [string, ColumnCoding] => {
    const own = rows.filter(({ feature }) => Number(feature) === i);
    checkCategories(name, { known: Number(own[0]?.known ?? 0), distinct: Number(own[0]?.distinct_values ?? 0) });
    const counts = own.map((row) => ({ value: String(row.value), customers: Number(row.customers) }));
    return [name, categoryCoding(name, counts, customers)];
  });
  return new Map(codings);
}

/**
 * Query with the number of customers for each column and value. Two further columns repeat totals of the column: `known`, its
 * customers with a value, and `distinct_values`. At most `mostValues` rows per column.
 */
function countedValues({ dialect }: Engine, relation: string, columns: readonly string[]): string {
  const cases = columns.map((column, i) => `WHEN ${i} THEN ${column}`).join(' ');
  const numbers = columns.map((_, i) => `SELECT ${i} AS feature`).join(' UNION ALL ');
  // DuckDB reads a file once with a cross join. With UNION ALL it would read the file once per column, and hold all reads in
  // memory. Servers get UNION ALL, because they may refuse a cross join.
  const values =
    dialect.name === 'duckdb' && columns.length > 1
      ? `SELECT feature, CASE feature ${cases} END AS value FROM ${relation} CROSS JOIN (${numbers}) numbered`
      : columns.map((column, i) => `SELECT ${i} AS feature, ${column} AS value FROM ${relation}`).join(' UNION ALL ');
  const counted = `SELECT feature, value, count(*) AS customers FROM (${values}) valued WHERE value IS NOT NULL GROUP BY feature, value`;
  const each = 'OVER (PARTITION BY feature)';
  const totals = `SELECT feature, value, customers, sum(customers) ${each} AS known, count(*) ${each} AS distinct_values, row_number() OVER (PARTITION BY feature ORDER BY value) AS place FROM (${counted}) grouped`;
  return `SELECT * FROM (${totals}) numbered WHERE place <= ${mostValues} ORDER BY feature, place`;
}

/** Coding of a feature with a level for each value. @throws AppError as `codeCategories` */
async function categories({ engine, customers, at }: FeatureValues, name: string): Promise<ColumnCoding> {
  const { table, column } = at(name);
  return required(await codeCategories(engine, table, new Map([[name, column]]), customers), name);
}

/** Coding of a number column by bands: with the configured bounds, or with about equal numbers of customers per band. */
async function bandsOfNumbers(values: FeatureValues, name: string, bands: number | readonly number[]): Promise<ColumnCoding> {
  const place = `features.${name}`;
  await refuseNotFinite(values, name);
  if (typeof bands !== 'number') return { kind: 'bands', bounds: bands };
  const { engine } = values;
  const { table, column } = values.at(name);
  const known = `(SELECT ${column} AS value FROM ${table} WHERE ${column} IS NOT NULL)`;
  const [extent] = await queryRows(engine, `SELECT count(*) AS known, min(value) AS least FROM ${known} v`, { place });
  const starts = bandStarts(bands, Number(extent!.known));
  const ranked = `(SELECT value, row_number() OVER (ORDER BY value) - 1 AS place FROM ${known} v)`;
  const found = await queryRows(
    engine,
    `SELECT value, place FROM ${ranked} r WHERE place IN (${starts.join(', ')}) ORDER BY place`,
    { place },
  );
  const lowest = `(SELECT value, min(value) OVER () AS least FROM ${known} v)`;
  const [second] = await queryRows(engine, `SELECT min(value) AS next FROM ${lowest} l WHERE value > least`, { place });
  const starting = found.map(({ value }) => Number(value));
  return bandCoding(name, starting, [orNull(extent!.least), orNull(second!.next)]);
}

function orNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** Refuses a feature with infinite or NaN values at any date, because only finite numbers have a band. */
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
    if (faults !== undefined) throw notFinite(name, faults);
  }
}
