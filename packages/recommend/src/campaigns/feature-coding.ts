import { type Feature, required } from '@basketwise/core/parts';

/** Coding of numbers in bands: the band is the number of ascending bounds that a number reaches. */
interface BandCoding {
  kind: 'bands';
  bounds: readonly number[];
}

/** Coding of categories: values ascending by their UTF-8 bytes. Rare values are pooled. */
interface CategoryCoding {
  kind: 'categories';
  values: readonly string[];
  pooled: readonly string[];
}

/** Coding of pairs of levels of two features, by position. Rare pairs are pooled. */
export interface CrossCoding {
  kind: 'cross';
  of: readonly [string, string];
  pairs: readonly (readonly [number, number])[];
  pooled: readonly (readonly [number, number])[];
}

/** Rule by which the values of a column become levels. */
export type ColumnCoding = BandCoding | CategoryCoding;

/**
 * Feature with the rule of its levels. Levels are in the order of their codes: bands, values or pairs.
 * Then come `(other)`, if some are pooled, and `(unknown)`, for null.
 */
export interface CodedFeature<Coding = ColumnCoding | CrossCoding> extends Feature {
  coding: Coding;
}

/** Whether a feature comes from a column, not from two other features. */
export function isColumn(feature: CodedFeature): feature is CodedFeature<ColumnCoding> {
  return feature.coding.kind !== 'cross';
}

/** Code of a value without a level: the levels were made from data without it. */
export const unseenCode = -1;

const [otherLabel, unknownLabel] = ['(other)', '(unknown)'];

/** Label of a value's level. A value equal to a reserved label is quoted. */
function valueLabel(value: string): string {
  return /^"*\((new|other|unknown)\)"*$/.test(value) ? `"${value}"` : value;
}

function bandLabels(bounds: readonly number[]): string[] {
  const middle = bounds.slice(1).map((bound, i) => `${bounds[i]} to below ${bound}`);
  return [`below ${bounds[0]}`, ...middle, `${bounds.at(-1)} and more`];
}

/** Feature of a column, with the labels of its levels. */
export function codedColumn<Coding extends ColumnCoding>(name: string, coding: Coding): CodedFeature<Coding> {
  const own =
    coding.kind === 'bands'
      ? bandLabels(coding.bounds)
      : [...coding.values.map(valueLabel), ...(coding.pooled.length > 0 ? [otherLabel] : [])];
  return { name, levels: [...own, unknownLabel], coding };
}

/** Feature of a crossing, with the labels of its levels. */
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
 * Code of a column's value; `unseenCode` for a value without a level. Null is the level `(unknown)`. Bands expect numbers,
 * categories texts.
 */
export function columnCode({ coding, levels }: CodedFeature<ColumnCoding>, value: number | string | null): number {
  if (value === null) return levels.length - 1;
  if (coding.kind === 'bands') return bandOf(coding.bounds, Number(value));
  const at = coding.values.indexOf(String(value));
  if (at >= 0) return at;
  return coding.pooled.includes(String(value)) ? coding.values.length : unseenCode;
}

/** Number of ascending bounds that a number reaches. */
function bandOf(bounds: readonly number[], value: number): number {
  let band = 0;
  while (band < bounds.length && value >= bounds[band]!) band++;
  return band;
}

/** Codes of a crossing, from the codes of its two features. */
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

/** Codes of columns by feature, and codes of the crossings of features. */
export function withCrossings(
  features: readonly CodedFeature[],
  columns: ReadonlyMap<string, Int16Array>,
): Map<string, Int16Array> {
  const codes = new Map(columns);
  for (const feature of features) {
    if (isColumn(feature)) continue;
    const { of } = feature.coding as CrossCoding;
    const [first, second] = of.map((name) => features.find((one) => one.name === name)!) as [CodedFeature, CodedFeature];
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
