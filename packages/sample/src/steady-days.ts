import { exp } from '@basketwise/core/parts';
import { mostYears, seasonOfDays, yearDays } from './calendar.ts';
import { quantileAt } from './distribution.ts';
import type { SampleBank } from './options.ts';
import type { RandomStream } from './random.ts';

/** Yearly growth rate of new customers: those of a year are exp(-.17) times those of the next year. */
const growth = 0.17;
/** Days of the last three months, in which newcomers come and make their purchases. */
const quarterDays = 91;
const [steps, grid] = [1024, 8192];

/**
 * Quantiles of the years since the first of n + 1 purchases. Customers come at a growing rate and purchase at a constant rate, so
 * the density is t^n exp(-growth t).
 * Customers with many purchases came long ago.
 */
function tenureQuantiles(later: number): Float64Array {
  const sums = new Float64Array(grid + 1);
  for (let i = 0; i < grid; i++) {
    const years = ((i + 0.5) / grid) * mostYears;
    let density = exp(-growth * years);
    for (let k = 0; k < later; k++) density *= years / mostYears;
    sums[i + 1] = sums[i]! + density;
  }
  const quantiles = new Float64Array(steps + 1);
  for (let step = 0, i = 0; step <= steps; step++) {
    const wanted = (step / steps) * sums[grid]!;
    while (i < grid - 1 && sums[i + 1]! < wanted) i++;
    quantiles[step] = ((i + (wanted - sums[i]!) / (sums[i + 1]! - sums[i]!)) / grid) * mostYears;
  }
  return quantiles;
}

/** Draws the days of a customer's purchases. */
export interface SteadyDays {
  /** Draws the days of a basket of `size` products, ascending. */
  draw(random: RandomStream, size: number, newcomer: boolean, days: Int32Array): void;
  /** Draws a day from `from` to `to`, weighted by season. */
  between(random: RandomStream, from: number, to: number): number;
}

/** Creates the source of days for a bank. */
export function createSteadyDays({ referenceDay: end }: SampleBank): SteadyDays {
  const start = end - Math.round((mostYears + 1) * yearDays);
  const season = seasonOfDays(start, end);
  const tenures: Float64Array[] = [];

  function inSeason(random: RandomStream, draw: () => number): number {
    let day = draw();
    for (let attempt = 0; attempt < 6 && !random.chance(season[day - start]!); attempt++) day = draw();
    return day;
  }
  const between = (random: RandomStream, from: number, to: number) => inSeason(random, () => from + random.below(to - from + 1));

  return {
    between,
    draw(random, size, newcomer, days) {
      tenures[size] ??= tenureQuantiles(size - 1);
      const first = () => end - Math.floor(quantileAt(tenures[size]!, random.uniform()) * yearDays);
      days[0] = newcomer ? end - random.below(quarterDays) : inSeason(random, first);
      for (let i = 1; i < size; i++) {
        const other = days[random.below(i)]!;
        if (!random.chance(0.5)) days[i] = between(random, days[0]!, end);
        else if (random.chance(0.5)) days[i] = other;
        else days[i] = Math.min(end, other + random.below(quarterDays));
      }
      days.subarray(0, size).sort();
    },
  };
}
