import type { Dialect } from '@basketwise/data';
import type { CategoricalFeature, FeatureSet, NumericFeature, OrdinalFeature } from './feature.ts';

/** Literal of a 64-bit float. It has an exponent, because DuckDB and Hive read fractions without one as decimals. */
export function doubleLiteral(value: number): string {
  const text = value.toExponential();
  return value < 0 ? `(${text})` : text;
}

/** SQL expression of a column as a 64-bit float. */
export function rawNumber(dialect: Dialect, column: string): string {
  return dialect.asNumber(dialect.identifier(column));
}

/** SQL expression of x, or with `log` of sign(x) * ln(1 + |x|). */
export function logOf(expression: string, log: boolean): string {
  if (!log) return expression;
  return `(CASE WHEN ${expression} < 0 THEN -ln(1 - ${expression}) ELSE ln(1 + ${expression}) END)`;
}

/**
 * SQL expression of the position of x between the knots, 0 to 1. Between two neighbouring knots lie equal shares of the fitted
 * customers.
 */
function quantilePosition(expression: string, knots: readonly number[]): string {
  const steps = knots.length - 1;
  const cases = knots.slice(1).map((knot, i) => {
    const low = knots[i]!;
    const slope = 1 / steps / (knot - low);
    const inside = `${doubleLiteral(i / steps)} + (${expression} - ${doubleLiteral(low)}) * ${doubleLiteral(slope)}`;
    return `WHEN ${expression} < ${doubleLiteral(knot)} THEN ${inside}`;
  });
  return `(CASE WHEN ${expression} <= ${doubleLiteral(knots[0]!)} THEN 0e0 ${cases.join(' ')} ELSE 1e0 END)`;
}

function numericExpression(dialect: Dialect, feature: NumericFeature): string {
  const filled = `coalesce(${rawNumber(dialect, feature.column)}, ${doubleLiteral(feature.median)})`;
  const t = feature.knots ? quantilePosition(filled, feature.knots) : logOf(filled, feature.log);
  return `(${t} - ${doubleLiteral(feature.offset)}) * ${doubleLiteral(feature.factor)}`;
}

function ordinalExpression(dialect: Dialect, feature: OrdinalFeature): string {
  const last = Math.max(1, feature.categories.length - 1);
  const cases = feature.categories.map((category, rank) => {
    return `WHEN ${dialect.text(category)} THEN ${doubleLiteral((rank / last) * feature.factor)}`;
  });
  const text = dialect.asText(dialect.identifier(feature.column));
  return `CASE ${text} ${cases.join(' ')} ELSE ${doubleLiteral(feature.factor / 2)} END`;
}

function codeExpression(dialect: Dialect, feature: CategoricalFeature): string {
  const column = dialect.identifier(feature.column);
  const cases = feature.categories.map((category, code) => `WHEN ${dialect.text(category)} THEN ${code}`);
  const unknown = feature.categories.length + (feature.missing ? 1 : 0);
  const missing = feature.missing ? feature.categories.length : unknown;
  return `CASE WHEN ${column} IS NULL THEN ${missing} ELSE CASE ${dialect.asText(column)} ${cases.join(' ')} ELSE ${unknown} END END`;
}

/**
 * Features of each customer as SQL select items: f0, f1, ... are 32-bit floats, c0, c1, ... integer codes.
 * All steps use this definition: the fit, its application, and the assignment inside an engine.
 */
export function featureColumns(dialect: Dialect, features: FeatureSet): string[] {
  const numbers = features.numeric.map((feature, f) => {
    const column = dialect.identifier(feature.column);
    if (feature.kind === 'number') return `CAST(${numericExpression(dialect, feature)} AS FLOAT) AS f${f}`;
    if (feature.kind === 'ordinal') return `CAST(${ordinalExpression(dialect, feature)} AS FLOAT) AS f${f}`;
    return `CAST(CASE WHEN ${column} IS NULL THEN ${doubleLiteral(feature.factor)} ELSE 0e0 END AS FLOAT) AS f${f}`;
  });
  const codes = features.categorical.map((feature, q) => `CAST(${codeExpression(dialect, feature)} AS INT) AS c${q}`);
  return [...numbers, ...codes];
}

/** SQL predicates for customers with a value that did not occur at the fit. */
export function treatmentCounts(dialect: Dialect, features: FeatureSet) {
  const indicated = new Set(features.numeric.flatMap(({ kind, column }) => (kind === 'indicator' ? [column] : [])));
  const isMissing = (column: string) => ({
    column,
    kind: 'missing' as const,
    predicate: `${dialect.identifier(column)} IS NULL`,
  });
  const isNew = (column: string, categories: readonly string[]) => {
    const known = categories.map((category) => dialect.text(category)).join(', ');
    const predicate = `${dialect.asText(dialect.identifier(column))} NOT IN (${known})`;
    return { column, kind: 'new category' as const, predicate };
  };
  const numeric = features.numeric.flatMap((feature) => {
    const missing = feature.kind === 'indicator' || indicated.has(feature.column) ? [] : [isMissing(feature.column)];
    return feature.kind === 'ordinal' ? [...missing, isNew(feature.column, feature.categories)] : missing;
  });
  const categorical = features.categorical.flatMap(({ column, categories, missing }) => [
    ...(missing ? [] : [isMissing(column)]),
    ...(categories.length > 0 ? [isNew(column, categories)] : []),
  ]);
  return [...numeric, ...categorical];
}
