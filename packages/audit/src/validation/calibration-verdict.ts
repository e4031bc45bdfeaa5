import { publishedRange, smallestPublished } from '@basketwise/data/base';
import { poissonAtMost } from '@basketwise/recommend';
import { windowName } from './campaign-tally.ts';

import { mostSuppressed } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

type Calibration = ValidationFile['calibration'];
type Group = Calibration[number]['groups'][number];
/** Place of a ratio that is proven to be beyond a limit. */
type Beyond = 'above' | 'below';

/** Whether the ratio of a group, or a bound of it, is known. */
export function isKnown({ ratio, least, most }: Pick<Group, 'ratio' | 'least' | 'most'>): boolean {
  return ratio !== null || least !== null || most !== null;
}

/**
 * Groups that a bound judges, with their table. Of windows, only the newest is judged: sales of earlier half-years are past, and their change is in
 * the figures of all windows.
 */
export function judgedGroups(calibration: Calibration): { campaign: string; by: string; group: Group }[] {
  return calibration.flatMap(({ campaign, by, groups }) =>
    (by === windowName ? groups.slice(0, 1) : groups).filter(isKnown).map((group) => ({ campaign, by, group })),
  );
}

/**
 * Tests whether the ratio of a group is above a limit, or below 1 / limit, and returns the smaller of the two one-sided p-values. The purchases are a
 * Poisson number whose mean is `limit` x the expected purchases, or 1 / `limit` x them. A published number stands for a whole ten, so p is the mean
 * over both tens: the middles alone would mislead in small groups, where 10 expected and 40 actual purchases can be a ratio of 2. Of a suppressed
 * number, the value closest to the limit counts.
 */
function beyondLimit({ bought, expected }: Group, limit: number): { place: Beyond; p: number } {
  const half = expected ? 0.5 : 0; // expected purchases are not whole numbers: of each unit, its middle
  const above = meanOver(bought, 0, (count) =>
    meanOver(expected, smallestPublished, (mean) => 1 - poissonAtMost(count - 1, limit * (mean + half))),
  );
  const below = meanOver(bought, mostSuppressed, (count) =>
    meanOver(expected, 0, (mean) => poissonAtMost(count, (mean + half) / limit)),
  );
  return { place: above < below ? 'above' : 'below', p: Math.min(above, below) };
}

/** Mean of a function over the whole numbers that a published number stands for. @param suppressed the value that counts for a suppressed number */
function meanOver(published: number | null, suppressed: number, of: (value: number) => number): number {
  if (published === null) return of(suppressed);
  const [least, most] = publishedRange(published);
  let sum = 0;
  for (let value = least; value <= most; value++) sum += of(value);
  return sum / (most - least + 1);
}

/** Groups whose ratio is proven to be above a limit, or below 1 / limit, at a false discovery rate of 5 % over all judged groups of a pack. */
export function groupsBeyond(calibration: Calibration, limit: number | undefined): ReadonlyMap<Group, Beyond> {
  if (limit === undefined) return new Map();
  const tests = judgedGroups(calibration).map(({ group }) => ({ group, ...beyondLimit(group, limit) }));
  const found = discoveries(tests.map(({ p }) => p));
  return new Map(tests.flatMap(({ group, place }, i) => (found[i] ? [[group, place] as const] : [])));
}

/**
 * Verdict on the ratio of a group: of its interval or, if a number is suppressed, of its bound, against 1 and against the bound of the config.
 * @param limit validation.bounds.calibration; undefined without one
 * @param beyond where the ratio is proven to be beyond the limit; undefined if it is not
 */
export function calibrationVerdict(
  { ratio, least, most }: Pick<Group, 'ratio' | 'least' | 'most'>,
  limit: number | undefined,
  beyond: Beyond | undefined,
): string {
  if (beyond !== undefined) return `${beyond} the bound`;
  const isWithin = limit !== undefined && least !== null && most !== null && least >= 1 / limit && most <= limit;
  const rest = limit === undefined ? '' : isWithin ? ', within the bound' : '; beyond the bound is not proven';
  if (least !== null && least > 1) return `above 1${rest}`;
  if (most !== null && most < 1) return `below 1${rest}`;
  return ratio === null ? 'not known' : 'level with 1';
}

/** Bound of calibration in a pack; undefined if its config has none. */
export function calibrationLimit({ bounds }: Pick<ValidationFile, 'bounds'>): number | undefined {
  return bounds.find(({ bound }) => bound === 'calibration')?.limit;
}

/**
 * Discoveries among m tests, at a false discovery rate (Benjamini and Hochberg, 1995).
 * They are the k smallest p-values, for the largest k with p_(k) <= k / m x rate, where p_(k) is the k-th smallest p-value.
 * @param values p-value of each test
 * @returns for each test, whether it is a discovery
 */
export function discoveries(values: readonly number[], rate = 0.05): boolean[] {
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted.findLastIndex((p, i) => p <= ((i + 1) / sorted.length) * rate);
  const bound = last < 0 ? -1 : sorted[last]!;
  return values.map((p) => p <= bound);
}
