import { poissonAtMost } from '@basketwise/recommend';

/**
 * Whether an expectation lies in the exact 95 % interval of a count's mean (Garwood, 1936), widened by a factor on both sides. The interval
 * has all means at which neither so few nor so many have a chance below 2.5 %.
 */
export function isWithinPoisson(count: number, expected: number, widening: number): boolean {
  const [low, high] = [expected / widening, expected * widening];
  return poissonAtMost(count, low) >= 0.025 && 1 - poissonAtMost(count - 1, high) >= 0.025;
}

/** Chance that a count with this mean is outside the interval of `isWithinPoisson`. */
export function chanceOutside(expected: number, widening: number): number {
  let [within, logTerm] = [0, -expected];
  for (let count = 0; count <= 3 * expected + 50; count++) {
    if (isWithinPoisson(count, expected, widening)) within += Math.exp(logTerm);
    logTerm += Math.log(expected / (count + 1));
  }
  return Math.max(0, 1 - within);
}

/** Least number that independent events with these chances exceed in at most 5 % of cases. */
export function mostByChance(chances: readonly number[]): number {
  // of[k]: chance that k events occurred
  let of = [1];
  for (const chance of chances)
    of = Array.from({ length: of.length + 1 }, (_, k) => (of[k] ?? 0) * (1 - chance) + (of[k - 1] ?? 0) * chance);
  let [most, sum] = [0, of[0]!];
  while (sum < 0.95) sum += of[++most]!;
  return most;
}
