import { AppError, difference } from '@basketwise/core';
import { hash, pick } from './hash.ts';

/** Mean with its 95 % percentile bootstrap interval. */
export interface MeanInterval {
  mean: number;
  low: number;
  high: number;
}

/** Paired difference of two means, with its interval. `level`: the interval contains 0. */
export type Gap = MeanInterval & { level: boolean };

/** Settings of the bootstrap. */
export interface BootstrapOptions {
  /** Number of resamples. An interval needs at least 100. Configs default to 2,000. */
  resamples: number;
  seed: number;
}

/** Minimum number of resamples for an interval. */
export const leastResamples = 100;

/** Minimum number of test customers for an interval. */
export const minimumCustomers = 20;

/** Quantile q of ascending values, with linear interpolation. */
function quantile(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

/**
 * Percentile bootstrap over customers of the mean of each column. All columns use the same resamples. The interval of a column of differences is
 * therefore paired.
 * @param columns columns of equal length, one value per customer
 * @throws AppError bad-data with fewer than `minimumCustomers` customers
 */
export function bootstrap(columns: readonly Float64Array[], { resamples, seed }: BootstrapOptions): MeanInterval[] {
  const customers = columns[0]?.length ?? 0;
  if (customers < minimumCustomers) {
    throw new AppError(
      'bad-data',
      `an interval needs at least ${minimumCustomers} test customers, there are ${customers}`,
      'Use a longer test window, more windows, or evaluate several clusters together.',
    );
  }
  const width = columns.length;
  const values = interleave(columns, customers);
  const means = columns.map(() => new Float64Array(resamples));
  const sums = new Float64Array(width);
  for (let resample = 0; resample < resamples; resample++) {
    sums.fill(0);
    const stream = hash(resample, seed);
    for (let draw = 0; draw < customers; draw++) {
      const at = pick(hash(draw, stream), customers) * width;
      for (let c = 0; c < width; c++) sums[c]! += values[at + c]!;
    }
    for (let c = 0; c < width; c++) means[c]![resample] = sums[c]! / customers;
  }
  return columns.map((column, c) => {
    const sorted = means[c]!.sort();
    const mean = column.reduce((sum, value) => sum + value, 0) / customers;
    return { mean, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  });
}

/** Row-major copy of the columns. Each draw then reads consecutive memory. */
function interleave(columns: readonly Float64Array[], rows: number): Float64Array {
  const values = new Float64Array(rows * columns.length);
  for (const [c, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) values[row * columns.length + c] = column[row]!;
  }
  return values;
}

/** Whether a difference is significant: its interval excludes 0. */
export function isDifferent({ low, high }: MeanInterval): boolean {
  return low > 0 || high < 0;
}

/** Paired difference a - b with its interval. Null if there are too few customers or resamples for an interval. */
export function gapBetween(a: Float64Array, b: Float64Array, resampling: BootstrapOptions): Gap | null {
  if (a.length < minimumCustomers || resampling.resamples < leastResamples) return null;
  const interval = bootstrap([difference(a, b)], resampling)[0]!;
  return { ...interval, level: !isDifferent(interval) };
}
