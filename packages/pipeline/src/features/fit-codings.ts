import { AppError, required } from '@basketwise/core';
import { type CodedFeature, type ColumnCoding, codedColumn, codedCross } from '@basketwise/core/advice';
import { compareUtf8, queryRows, type Snapshot } from '@basketwise/data';
import type { FeatureConfig } from '../config/schema.ts';
import { columnAt, readCodes } from './codes.ts';

/** Most levels that a feature may have. */
const mostLevels = 256;
/** Most values of a column of categories, rare ones included. */
const mostValues = 10_000;
/** A feature of fewer customers is not taken for their key, however many values they have. */
const fewestOfKey = 20;

/** Customers below which a value is rare: 100 or .1 % of all, whichever is more; of fewer than 10,000 customers 1 %. */
export function rareBelow(customers: number): number {
  return Math.max(customers / 1000, Math.min(100, customers / 100));
}

/**
 * Makes the levels of features from their values at the first date of the snapshot's features.
 * @throws AppError config for a feature that cannot be used as it is, bad-data for one that tells nobody apart or is no number
 */
export async function fitCodings(
  snapshot: Snapshot,
  features: Readonly<Record<string, FeatureConfig>>,
  signal?: AbortSignal,
): Promise<CodedFeature[]> {
  const date = snapshot.manifest.features!.dates[0]!;
  const columns: CodedFeature<ColumnCoding>[] = [];
  for (const [name, feature] of Object.entries(features)) {
    if ('cross' in feature) continue;
    const coding =
      feature.bands === undefined
        ? await categories(snapshot, name, date)
        : { kind: 'bands' as const, bounds: await boundsOf(snapshot, name, date, feature.bands) };
    columns.push(codedColumn(name, coding));
  }
  const codes = await readCodes(snapshot, columns, date, { signal });
  for (const column of columns) refuseSingle(column, required(codes, column.name));
  return Object.entries(features).map(([name, feature]): CodedFeature => {
    if (!('cross' in feature)) return columns.find((column) => column.name === name)!;
    const [first, second] = feature.cross.map((of) => columns.find((column) => column.name === of)!) as [
      CodedFeature,
      CodedFeature,
    ];
    return crossing(name, [first, second], [required(codes, first.name), required(codes, second.name)]);
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
  [firsts, seconds]: readonly [Int16Array, Int16Array],
): CodedFeature {
  const width = of[1].levels.length;
  const customers = new Uint32Array(of[0].levels.length * width);
  for (const [customer, first] of firsts.entries()) customers[first * width + seconds[customer]!]!++;
  const least = rareBelow(firsts.length);
  const pairs: [number, number][] = [];
  const pooled: [number, number][] = [];
  for (const [pair, count] of customers.entries()) {
    if (count > 0) (count < least ? pooled : pairs).push([Math.floor(pair / width), pair % width]);
  }
  return codedCross(name, of, { pairs, pooled });
}

/** Values with their customers, rare ones apart. */
async function categories(snapshot: Snapshot, name: string, date: string): Promise<ColumnCoding> {
  const { table, column } = columnAt(snapshot, name, date);
  const place = `features.${name}`;
  const { engine, customerCount } = snapshot;
  const [found] = await queryRows(
    engine,
    `SELECT count(${column}) AS known, count(DISTINCT ${column}) AS distinct_values FROM ${table}`,
    {
      place,
    },
  );
  const [known, distinct] = [Number(found!.known), Number(found!.distinct_values)];
  if (known >= fewestOfKey && distinct > known / 2) {
    throw new AppError(
      'config',
      `${place}: ${known} customers have ${distinct} values: it is a key of customers rather than what they have in common`,
      'Use `bands`, or coarser SQL (a part of a code, a decade), or leave the feature out.',
    );
  }
  if (distinct > mostValues) throw tooMany(place, `${distinct} values, at most ${mostValues} can be used`);
  const sql = `SELECT ${column} AS value, count(*) AS customers FROM ${table} WHERE ${column} IS NOT NULL GROUP BY 1`;
  const rows = (await queryRows(engine, sql, { place }))
    .map(({ value, customers }) => ({ value: String(value), customers: Number(customers) }))
    .sort((a, b) => compareUtf8(a.value, b.value));
  const least = rareBelow(customerCount);
  const values = rows.filter(({ customers }) => customers >= least);
  const pooled = rows.filter(({ customers }) => customers < least);
  const inOther = pooled.reduce((sum, { customers }) => sum + customers, 0);
  if (inOther > known / 2) throw tooMany(place, `${distinct} values, most of them of fewer than ${Math.ceil(least)} customers`);
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

/** The bounds of bands: as given, or so that each has about as many customers. */
async function boundsOf(
  snapshot: Snapshot,
  name: string,
  date: string,
  bands: number | readonly number[],
): Promise<readonly number[]> {
  const place = `features.${name}`;
  await refuseNotFinite(snapshot, name);
  if (typeof bands !== 'number') return bands;
  const { table, column } = columnAt(snapshot, name, date);
  const { engine } = snapshot;
  const values = `(SELECT ${column} AS value FROM ${table} WHERE ${column} IS NOT NULL)`;
  const [extent] = await queryRows(engine, `SELECT count(*) AS known, min(value) AS least FROM ${values}`, { place });
  const { known, least } = extent!;
  const ranks = Array.from({ length: bands - 1 }, (_, i) => Math.floor(((i + 1) * Number(known)) / bands));
  const ranked = `(SELECT value, row_number() OVER (ORDER BY value) - 1 AS rank FROM ${values})`;
  const found = await queryRows(engine, `SELECT value FROM ${ranked} WHERE rank IN (${ranks.join(', ')}) ORDER BY rank`, {
    place,
  });
  const above = `SELECT min(value) AS next FROM ${values} WHERE value > (SELECT min(value) FROM ${values})`;
  const [{ next }] = (await queryRows(engine, above, { place })) as [{ next: number | null }];
  if (next === null) throw single(place, known === 0 ? 'it is null' : 'it has one value');
  // where the lowest value fills a band, it is one of its own
  return [...new Set(found.map(({ value }) => (value === least ? next : Number(value))))];
}

/** Finite numbers alone have a band; at every date. */
async function refuseNotFinite({ manifest, engine }: Snapshot, name: string): Promise<void> {
  const { at } = manifest.features!.columns.find((feature) => feature.name === name)!;
  const place = `features.${name}`;
  for (const cell of at) {
    if (cell === null) continue;
    const isNotFinite = engine.dialect.isNotFinite(cell.column);
    const [found] = await queryRows(engine, `SELECT count(*) AS faults FROM ${cell.table} WHERE ${isNotFinite}`, { place });
    if (found!.faults === 0) continue;
    throw new AppError(
      'bad-data',
      `${place}: it is not finite for ${found!.faults} customers`,
      'Deliver null where the value is not known.',
    );
  }
}

function single(place: string, what: string): AppError {
  return new AppError('bad-data', `${place}: ${what} for all customers`, 'Deliver the column, or leave the feature out.');
}
