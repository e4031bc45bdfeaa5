import type { Feature } from '@basketwise/core';
import type { Dialect } from '@basketwise/data';

/** Numbers in bands: a number's band is how many of the bounds, ascending, it is not below. */
interface BandCoding {
  kind: 'bands';
  bounds: readonly number[];
}

/** Values as they are, ascending by their UTF-8 bytes; rare ones are pooled. */
interface CategoryCoding {
  kind: 'categories';
  values: readonly string[];
  pooled: readonly string[];
}

/** Pairs of levels of two features, by position; rare ones are pooled. */
export interface CrossCoding {
  kind: 'cross';
  of: readonly [string, string];
  pairs: readonly (readonly [number, number])[];
  pooled: readonly (readonly [number, number])[];
}

/** How the values of a column become levels. */
export type ColumnCoding = BandCoding | CategoryCoding;

/**
 * A feature and how its levels are made. Levels are in the order of their codes: bands, values or pairs; then `(other)`, where some are
 * pooled; then `(unknown)`, for null.
 */
export interface CodedFeature<Coding = ColumnCoding | CrossCoding> extends Feature {
  coding: Coding;
}

/** Code of a value that no level stands for: it is not in the data that the levels were made from. */
const unseen = -1;

const [otherLabel, unknownLabel] = ['(other)', '(unknown)'];

/** A value as the label of its level; what looks like one of our own labels is put in quotes. */
function valueLabel(value: string): string {
  return /^"*\((new|other|unknown)\)"*$/.test(value) ? `"${value}"` : value;
}

function bandLabels(bounds: readonly number[]): string[] {
  const middle = bounds.slice(1).map((bound, i) => `${bounds[i]} to below ${bound}`);
  return [`below ${bounds[0]}`, ...middle, `${bounds.at(-1)} and more`];
}

/** The feature of a column: its levels by their labels. */
export function codedColumn<Coding extends ColumnCoding>(name: string, coding: Coding): CodedFeature<Coding> {
  const own =
    coding.kind === 'bands'
      ? bandLabels(coding.bounds)
      : [...coding.values.map(valueLabel), ...(coding.pooled.length > 0 ? [otherLabel] : [])];
  return { name, levels: [...own, unknownLabel], coding };
}

/** The feature of a crossing: its levels by their labels. */
export function codedCross(
  name: string,
  [first, second]: readonly [Feature, Feature],
  coding: Pick<CrossCoding, 'pairs' | 'pooled'>,
): CodedFeature<CrossCoding> {
  const part = (label: string) => label.replaceAll('|', '||');
  const pairs = coding.pairs.map(([a, b]) => `${part(first.levels[a]!)} | ${part(second.levels[b]!)}`);
  const levels = coding.pooled.length > 0 ? [...pairs, otherLabel] : pairs;
  return { name, levels, coding: { kind: 'cross', of: [first.name, second.name], ...coding } };
}

/** The code of a column's value as SQL: an integer, `unseen` for a value that no level stands for. */
export function codeSql({ text }: Dialect, { coding, levels }: CodedFeature<ColumnCoding>, column: string): string {
  const unknown = `WHEN ${column} IS NULL THEN ${levels.length - 1}`;
  if (coding.kind === 'bands') {
    const bands = coding.bounds.map((bound, code) => `WHEN ${column} < ${numberSql(bound)} THEN ${code}`);
    return `CASE ${[unknown, ...bands].join(' ')} ELSE ${coding.bounds.length} END`;
  }
  // a statement ends at a byte of 0
  const literal = (value: string) => value.split('\0').map(text).join(' || chr(0) || ');
  const values = coding.values.map((value, code) => `WHEN ${column} = ${literal(value)} THEN ${code}`);
  const pooled =
    coding.pooled.length > 0 ? [`WHEN ${column} IN (${coding.pooled.map(literal).join(', ')}) THEN ${coding.values.length}`] : [];
  return `CASE ${[unknown, ...values, ...pooled].join(' ')} ELSE ${unseen} END`;
}

/** A number as a 64-bit float, to the last bit. */
function numberSql(value: number): string {
  const digits = String(value);
  return digits.includes('e') ? digits : `${digits}e0`;
}

/** The codes of a crossing from those of the two features. */
export function crossCodes(
  { coding, levels }: CodedFeature<CrossCoding>,
  [first, second]: readonly [Feature, Feature],
  codes: readonly [Int16Array, Int16Array],
): Int16Array {
  const width = second.levels.length;
  const codeOf = new Int16Array(first.levels.length * width).fill(unseen);
  for (const [code, [a, b]] of coding.pairs.entries()) codeOf[a * width + b] = code;
  for (const [a, b] of coding.pooled) codeOf[a * width + b] = levels.length - 1;
  const [firsts, seconds] = codes;
  return firsts.map((a, customer) => {
    const b = seconds[customer]!;
    return a < 0 || b < 0 ? unseen : codeOf[a * width + b]!;
  });
}
