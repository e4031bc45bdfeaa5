import { gammaQuantile } from './gamma.ts';

/** Estimate with its 95 % interval. */
export interface RateInterval {
  value: number;
  low: number;
  high: number;
}

/** Relative lift with its 95 % interval. Null: the value or bound is infinite or undefined. */
export interface LiftInterval {
  value: number | null;
  low: number;
  high: number | null;
}

/** Number of customers of an arm, and number of them who purchased. */
export interface Arm {
  customers: number;
  bought: number;
}

/** 97.5 % quantile of the standard normal distribution, for two-sided 95 % intervals. */
export const z95 = 1.959963984540054;

/** Score interval of a share (Wilson, 1927). It is valid for few purchases, including none. */
export function shareInterval({ customers: n, bought: x }: Arm): RateInterval {
  if (n === 0) return { value: 0, low: 0, high: 1 };
  const p = x / n;
  const middle = (p + (z95 * z95) / (2 * n)) / (1 + (z95 * z95) / n);
  const half = (z95 * Math.sqrt((p * (1 - p)) / n + (z95 * z95) / (4 * n * n))) / (1 + (z95 * z95) / n);
  return { value: p, low: x === 0 ? 0 : middle - half, high: x === n ? 1 : middle + half };
}

/**
 * Exact interval of the mean of a Poisson count (Garwood, 1936). Its bounds are quantiles of gamma distributions with shape n and n + 1, for a count
 * of n.
 */
export function countInterval(count: number): RateInterval {
  return { value: count, low: count === 0 ? 0 : gammaQuantile(count, 0.975), high: gammaQuantile(count + 1, 0.025) };
}

/** Ratio of a Poisson count to its expectation, with the exact interval. Null if the expectation is not positive. */
export function countRatio(count: number, expected: number): RateInterval | null {
  if (expected <= 0) return null;
  const { value, low, high } = countInterval(count);
  return { value: value / expected, low: low / expected, high: high / expected };
}

/**
 * Difference of two independent shares with its interval (Newcombe, 1998, method 10). The interval combines the score intervals of the two shares.
 */
export function differenceInterval(one: Arm, other: Arm): RateInterval {
  const [a, b] = [shareInterval(one), shareInterval(other)];
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.sqrt((a.value - a.low) ** 2 + (b.high - b.value) ** 2),
    high: value + Math.sqrt((a.high - a.value) ** 2 + (b.value - b.low) ** 2),
  };
}

/** Difference of two independent estimates with its interval (MOVER: Zou and Donner, 2008). */
export function effectInterval(one: RateInterval, other: RateInterval): RateInterval {
  const value = one.value - other.value;
  return {
    value,
    low: value - Math.sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2),
    high: value + Math.sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2),
  };
}

/**
 * Relative lift with its interval: the ratio of two independent shares, minus 1 (MOVER-R: Donner and Zou, 2012, from the shares' score intervals).
 * The upper bound is infinite if the denominator can be 0.
 */
export function liftInterval(one: Arm, other: Arm): LiftInterval {
  const [a, b] = [shareInterval(one), shareInterval(other)];
  const product = a.value * b.value;
  const [low, high] = [a.low * (2 * a.value - a.low), a.high * (2 * a.value - a.high)];
  const [least, most] = [b.low * (2 * b.value - b.low), b.high * (2 * b.value - b.high)];
  return {
    value: b.value === 0 ? null : a.value / b.value - 1,
    low: most === 0 ? -1 : Math.max(0, (product - Math.sqrt(Math.max(0, product * product - low * most))) / most) - 1,
    high: least <= 0 ? null : (product + Math.sqrt(Math.max(0, product * product - high * least))) / least - 1,
  };
}
