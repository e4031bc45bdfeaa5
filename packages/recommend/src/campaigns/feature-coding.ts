import { type Feature, required } from '@basketwise/core';

/** Coding of numbers in bands. The code of a number x is the number of bounds that are <= x. `bounds` are ascending. */
interface BandCoding {
  kind: 'bands';
  bounds: readonly number[];
}

/** Coding of categories, in ascending order of the values' UTF-8 bytes. Rare values are pooled in one level. */
interface CategoryCoding {
  kind: 'categories';
  values: readonly string[];
  pooled: readonly string[];
}

/** Coding of pairs of levels of two features. A pair has the positions of both levels. Rare pairs are pooled in one level. */
export interface CrossCoding {
  kind: 'cross';
  of: readonly [string, string];
  pairs: readonly (readonly [number, number])[];
  pooled: readonly (readonly [number, number])[];
}

/** Rule that turns the values of a column into levels. */
export type ColumnCoding = BandCoding | CategoryCoding;

/**
 * Feature with the rule that makes its levels. `levels` starts with the bands, values or pairs, in the order of their codes. `(other)` follows for
 * pooled values, then `(unknown)` for null.
 */
export interface CodedFeature<Coding = ColumnCoding | CrossCoding> extends Feature {
  coding: Coding;
}

/** Whether a feature is made from a column, rather than from two other features. */
export function isColumn(feature: CodedFeature): feature is CodedFeature<ColumnCoding> {
  return feature.coding.kind !== 'cross';
}

/** Code of a value without a level: a value that does not occur in the data from which the levels were made. */
export const unseenCode = -1;

const [otherLabel, unknownLabel] = ['(other)', '(unknown)'];

/** Label of a category's level. A value that equals a reserved label, such as `(other)`, is put in quotation marks. */
function valueLabel(value: string): string {
  return /^"*\((new|other|unknown)\)"*$/.test(value) ? `"${value}"` : value;
}

function bandLabels(bounds: readonly number[]): string[] {
  const middle = bounds.slice(1).map((bound, i) => `${bounds[i]} to below ${bound}`);
  return [`below ${bounds[0]}`, ...middle, `${bounds.at(-1)} and more`];
}

/** Creates the feature of a column, with the labels of its levels. */
export function codedColumn<Coding extends ColumnCoding>(name: string, coding: Coding): CodedFeature<Coding> {
  const labels =
    coding.kind === 'bands'
      ? bandLabels(coding.bounds)
      : [...coding.values.map(valueLabel), ...(coding.pooled.length > 0 ? [otherLabel] : [])];
  return { name, levels: [...labels, unknownLabel], coding };
}

/** Creates the feature that crosses two features, with the labels of its levels. */
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

/**
 * Code of a column's value, or `unseenCode` for a value without a level. Null has the code of the level `(unknown)`. Bands require numbers;
 * categories are compared as texts.
 */
export function columnCode({ coding, levels }: CodedFeature<ColumnCoding>, value: number | string | null): number {
  if (value === null) return levels.length - 1;
  if (coding.kind === 'bands') return bandOf(coding.bounds, Number(value));
  const at = coding.values.indexOf(String(value));
  if (at >= 0) return at;
  return coding.pooled.includes(String(value)) ? coding.values.length : unseenCode;
}

/** Number of ascending bounds that are <= `value`. */
function bandOf(bounds: readonly number[], value: number): number {
  let band = 0;
  while (band < bounds.length && value >= bounds[band]!) band++;
  return band;
}

/** Codes of a crossing of two features, i16[customers], from the codes of the two features. */
function crossCodes(
  { coding, levels }: CodedFeature<CrossCoding>,
  [first, second]: readonly [Feature, Feature],
  codes: readonly [Int16Array, Int16Array],
): Int16Array {
  const width = second.levels.length;
  const codeOf = new Int16Array(first.levels.length * width).fill(unseenCode);
  for (const [code, [a, b]] of coding.pairs.entries()) codeOf[a * width + b] = code;
  for (const [a, b] of coding.pooled) codeOf[a * width + b] = levels.length - 1;
  const [firsts, seconds] = codes;
  return firsts.map((a, customer) => {
    const b = seconds[customer]!;
    return a < 0 || b < 0 ? unseenCode : codeOf[a * width + b]!;
  });
}

/** Adds the codes of crossings to the codes of columns. Keys are names of features; values are i16[customers]. */
export function withCrossings(
  features: readonly CodedFeature[],
  columns: ReadonlyMap<string, Int16Array>,
): Map<string, Int16Array> {
  const codes = new Map(columns);
  for (const feature of features) {
    if (isColumn(feature)) continue;
    const { of: crossed } = feature.coding as CrossCoding;
    const [first, second] = crossed.map((name) => features.find((one) => one.name === name)!) as [CodedFeature, CodedFeature];
    codes.set(
      feature.name,
      crossCodes(
        feature as CodedFeature<CrossCoding>,
        [first, second],
        [required(codes, first.name), required(codes, second.name)],
      ),
    );
  }
  return codes;
}
