import { AppError, compareCodes, log1p } from '@basketwise/core';
import { type Engine, queryRows } from '@basketwise/data';
import type { CategoricalFeature, FeatureSet, IndicatorFeature, NumericFeature, OrdinalFeature } from './feature.ts';
import { logOf, rawNumber } from './feature-sql.ts';
import { type ClusterScheme, columnScale, encodingOf, type Scale } from './scheme.ts';

/** Largest number of categories of a column. */
const categoryLimit = 1000;
/** Number of steps of the quantile scale; its knots are one more. */
const quantileSteps = 32;

/** Smallest sample for means and standard deviations. Up to twice as many customers are not sampled. */
const momentCustomers = 1_000_000;
/** Smallest sample for those medians that only replace later missing values. */
const medianCustomers = 100_000;

/** Relation with the customers, in an engine. */
export interface CustomerRelation {
  engine: Engine;
  /** Table, view or subquery that has a column for each column of the scheme. */
  from: string;
}

type FittedColumn = FeatureSet['numeric'][number];

/** Extremes and number of missing values of a numeric column. */
interface ColumnExtremes {
  column: string;
  customers: number;
  known: number;
  missing: number;
  minimum: number;
  maximum: number;
}

/** End of a SELECT that selects the customers of a scheme: FROM and WHERE. */
export function fromCustomers({ from }: CustomerRelation, scheme: ClusterScheme): string {
  return `FROM ${from}${scheme.where === null ? '' : ` WHERE ${scheme.where}`}`;
}

/**
 * SQL of a sample of about one in `apart` rows. A hash of the customer number draws them, because customers with adjacent numbers
 * may be similar.
 */
export function oneCustomerIn(apart: number, members: string): string {
  if (apart <= 1) return members;
  const drawn = `CAST(customer AS BIGINT) * 2654435761 % 4294967296 < ${Math.floor(2 ** 32 / apart)}`;
  return `FROM (SELECT * ${members}) AS members WHERE ${drawn}`;
}

/**
 * Fits the preprocessing of a scheme. A missing number becomes the median, and an indicator feature marks it. A missing category
 * is a category of its own.
 * Columns that are constant or all missing are excluded.
 * @throws AppError bad-data naming a column with NaN, infinite values or too many categories; missing-input without any customer
 */
export async function fitFeatures(customers: CustomerRelation, scheme: ClusterScheme): Promise<FeatureSet> {
  const numeric: FittedColumn[] = [];
  const categorical: CategoricalFeature[] = [];
  const leftOut: { column: string; why: 'constant' | 'all missing' }[] = [];
  const ranges = await numericRanges(customers, scheme);
  const moments = await readMoments(customers, scheme, ranges);
  const medians = await readMedians(customers, scheme, ranges);
  for (const range of ranges) {
    const { column, known, missing, minimum, maximum } = range;
    if (known === 0) leftOut.push({ column, why: 'all missing' });
    else if (minimum < maximum) numeric.push(await fitNumber(customers, scheme, range, moments.get(column), medians.get(column)));
    else if (missing === 0) leftOut.push({ column, why: 'constant' });
    if (known > 0 && missing > 0) numeric.push(indicator(scheme, column));
  }
  for (const column of scheme.categorical) {
    const { categories, missing } = await readCategories(customers, scheme, column);
    if (categories.length === 0) leftOut.push({ column, why: 'all missing' });
    else if (categories.length === 1 && !missing) leftOut.push({ column, why: 'constant' });
    else if (encodingOf(scheme, column) === 'ordinal') {
      if (categories.length > 1) numeric.push(ordinal(scheme, column, categories));
      if (missing) numeric.push(indicator(scheme, column));
    } else categorical.push(categoricalFeature(scheme, column, categories, missing));
  }
  return { numeric, categorical, leftOut, medians: 'of values' };
}

function weightOf(scheme: ClusterScheme, column: string): number {
  return scheme.weights[column] ?? 1;
}

function schemeKey(scheme: ClusterScheme): string {
  return `clusters.${scheme.name}`;
}

/** Reads extremes and missing values of all numeric columns, in one pass. */
async function numericRanges(customers: CustomerRelation, scheme: ClusterScheme): Promise<ColumnExtremes[]> {
  const { dialect } = customers.engine;
  const items = scheme.numeric.flatMap((column, i) => {
    const x = rawNumber(dialect, column);
    // NaN counts as larger than any number, so that a value that is not finite is one of the extremes.
    return [`count(${x}) AS known${i}`, `min(${x}) AS minimum${i}`, `max(${x}) AS maximum${i}`];
  });
  const sql = `SELECT ${['count(*) AS customers', ...items].join(', ')} ${fromCustomers(customers, scheme)}`;
  const [row = {}] = await queryRows(customers.engine, sql, { place: schemeKey(scheme) });
  const total = Number(row.customers);
  if (total === 0) {
    const hint = 'Check its `where` and the customers table.';
    throw new AppError('missing-input', `clusters.${scheme.name}: no customer to cluster`, hint);
  }
  return scheme.numeric.map((column, i) => {
    const known = Number(row[`known${i}`]);
    const minimum = Number(row[`minimum${i}`]);
    const maximum = Number(row[`maximum${i}`]);
    if (known > 0 && !(Number.isFinite(minimum) && Number.isFinite(maximum))) {
      const hint =
        'Correct it at the source, or make it null in `derive`: missing values have a treatment, infinite ones have none.';
      throw new AppError('bad-data', `clusters.${scheme.name}: column ${column} holds NaN or infinite values`, hint);
    }
    return { column, customers: total, known, missing: total - known, minimum, maximum };
  });
}

async function fitNumber(
  customers: CustomerRelation,
  scheme: ClusterScheme,
  range: ColumnExtremes,
  moments: Affine | undefined,
  drawnMedian: number | undefined,
): Promise<NumericFeature> {
  const scale = columnScale(scheme, range.column);
  const log = scale === 'log-minmax' || scale === 'log-standard';
  const quantiles = drawnMedian === undefined ? await exactQuantiles(customers, scheme, range.column) : [];
  const median = drawnMedian ?? quantiles[quantileSteps / 2]!;
  const feature = { kind: 'number' as const, column: range.column, log, median };
  const root = Math.sqrt(weightOf(scheme, range.column));
  if (scale === 'quantile') {
    const knots = [...new Set([range.minimum, ...quantiles.slice(1, -1), range.maximum])];
    return { ...feature, knots, offset: 0, factor: root };
  }
  const { offset, spread } = moments ?? affine(range, scale, quantiles);
  return { ...feature, knots: null, offset, factor: root / spread };
}

/** Scale of the form (x - offset) * factor. */
interface Affine {
  offset: number;
  spread: number;
}

/** Determines the offset and factor of a scale from the extremes and quantiles of a column. */
function affine(range: ColumnExtremes, scale: Scale, quantiles: readonly number[]): Affine {
  const at = (x: number) => (scale.startsWith('log') ? Math.sign(x) * log1p(Math.abs(x)) : x);
  const width = at(range.maximum) - at(range.minimum);
  if (scale !== 'robust') return { offset: at(range.minimum), spread: width };
  const steps = quantiles.length - 1;
  // If half of the customers share one value, the interquartile range is 0 and carries no information.
  const spread = quantiles[(steps * 3) / 4]! - quantiles[steps / 4]!;
  return { offset: quantiles[steps / 2]!, spread: spread > 0 ? spread : width };
}

/**
 * Values at equal steps of the cumulative share, including the extremes. Each is a value of the column, not interpolated, and
 * therefore the same in every engine.
 */
async function exactQuantiles(customers: CustomerRelation, scheme: ClusterScheme, column: string): Promise<number[]> {
  const shares = Array.from({ length: quantileSteps + 1 }, (_, i) => i / quantileSteps);
  const x = rawNumber(customers.engine.dialect, column);
  const picks = shares.map((_, i) => `q[${i + 1}] AS q${i}`);
  const inner = `SELECT quantile_disc(${x}, [${shares.join(', ')}]) AS q ${fromCustomers(customers, scheme)}`;
  const [row = {}] = await queryRows(customers.engine, `SELECT ${picks.join(', ')} FROM (${inner}) AS quantiles`, {
    place: schemeKey(scheme),
  });
  return shares.map((_, i) => Number(row[`q${i}`]));
}

/** Medians of those columns that have no missing values and need no quantiles. With very many customers, medians of a sample. */
async function readMedians(
  customers: CustomerRelation,
  scheme: ClusterScheme,
  ranges: readonly ColumnExtremes[],
): Promise<Map<string, number>> {
  const columns = ranges.filter(({ column, missing, minimum, maximum }) => {
    return missing === 0 && minimum < maximum && !['robust', 'quantile'].includes(columnScale(scheme, column));
  });
  if (columns.length === 0) return new Map();
  const items = columns.map(({ column }, i) => `quantile_disc(${rawNumber(customers.engine.dialect, column)}, 0.5) AS m${i}`);
  const members = oneCustomerIn(sampleStep(ranges[0]!.customers, medianCustomers), fromCustomers(customers, scheme));
  const [row = {}] = await queryRows(customers.engine, `SELECT ${items.join(', ')} ${members}`, { place: schemeKey(scheme) });
  return new Map(columns.map(({ column }, i) => [column, Number(row[`m${i}`])]));
}

/** Interval n, such that one in n customers is a sample of at least `least` customers. 1 if there are fewer. */
function sampleStep(customers: number, least: number): number {
  return Math.max(1, Math.floor(customers / least));
}

/**
 * Mean and population standard deviation of each column whose scale needs them. With very many customers, those of a sample. The
 * sums are made in this process, in the order of customers, because sums inside an engine depend on its threads.
 */
async function readMoments(
  customers: CustomerRelation,
  scheme: ClusterScheme,
  ranges: readonly ColumnExtremes[],
  apart = sampleStep(ranges[0]?.customers ?? 0, momentCustomers),
): Promise<Map<string, Affine>> {
  const columns = ranges.filter(({ column, known, minimum, maximum }) => {
    return known > 0 && minimum < maximum && columnScale(scheme, column).endsWith('standard');
  });
  if (columns.length === 0) return new Map();
  const items = columns.map(({ column }, i) => {
    const x = rawNumber(customers.engine.dialect, column);
    return `${logOf(x, columnScale(scheme, column) === 'log-standard')} AS x${i}`;
  });
  const sums = columns.map(() => ({ count: 0, mean: 0, squares: 0 }));
  const sql = `SELECT ${items.join(', ')} ${oneCustomerIn(apart, fromCustomers(customers, scheme))}`;
  for await (const batch of customers.engine.query(sql, { place: schemeKey(scheme), reuse: true })) {
    sums.forEach((sum, i) => {
      addMoments(sum, batch.columns[`x${i}`] as Float64Array, batch.nulls[`x${i}`], batch.rows);
    });
  }
  // Very rare values: those of a sample may all be the same.
  if (apart > 1 && sums.some(({ squares }) => squares === 0)) return readMoments(customers, scheme, ranges, 1);
  return new Map(
    columns.map(({ column }, i) => [column, { offset: sums[i]!.mean, spread: Math.sqrt(sums[i]!.squares / sums[i]!.count) }]),
  );
}

/** Updates the number, the mean and the sum of squares around the mean with further values (Welford). */
function addMoments(
  sum: { count: number; mean: number; squares: number },
  values: Float64Array,
  nulls: Uint8Array | undefined,
  rows: number,
): void {
  let { count, mean, squares } = sum;
  for (let i = 0; i < rows; i++) {
    if (nulls?.[i] === 1) continue;
    count++;
    const apart = values[i]! - mean;
    mean += apart / count;
    squares += apart * (values[i]! - mean);
  }
  Object.assign(sum, { count, mean, squares });
}

async function readCategories(customers: CustomerRelation, scheme: ClusterScheme, column: string) {
  const { dialect } = customers.engine;
  const text = dialect.asText(dialect.identifier(column));
  const sql = `SELECT DISTINCT ${text} AS category ${fromCustomers(customers, scheme)} LIMIT ${categoryLimit + 2}`;
  const values = (await queryRows(customers.engine, sql, { place: schemeKey(scheme) })).map((row) => row.category);
  const categories = values.filter((value): value is string => typeof value === 'string').sort(compareCodes);
  if (categories.length > categoryLimit) {
    const hint = 'Group them by `derive`, or name the column under `numeric` if it is a number.';
    throw new AppError('bad-data', `clusters.${scheme.name}: column ${column} has over ${categoryLimit} categories`, hint);
  }
  return { categories, missing: values.includes(null) };
}

function indicator(scheme: ClusterScheme, column: string): IndicatorFeature {
  return { kind: 'indicator', column, factor: Math.sqrt(weightOf(scheme, column)) };
}

/** Ordinal feature of a categorical column. Categories are ranked by number if all are numbers, otherwise by code points. */
function ordinal(scheme: ClusterScheme, column: string, categories: readonly string[]): OrdinalFeature {
  const numbers = categories.every((category) => category.trim() !== '' && Number.isFinite(Number(category)));
  const ranked = numbers ? [...categories].sort((a, b) => Number(a) - Number(b)) : categories;
  return { kind: 'ordinal', column, categories: ranked, factor: Math.sqrt(weightOf(scheme, column)) };
}

function categoricalFeature(
  scheme: ClusterScheme,
  column: string,
  categories: readonly string[],
  missing: boolean,
): CategoricalFeature {
  const encoding = encodingOf(scheme, column) === 'native' ? 'native' : 'one-hot';
  return { column, encoding, categories, missing, weight: weightOf(scheme, column) };
}
