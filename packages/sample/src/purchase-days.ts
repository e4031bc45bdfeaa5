import { exp } from '@basketwise/core';
import { monthDays, mostYears, seasonOfDays, yearDays } from './calendar.ts';
import { quantileAt } from './distribution.ts';
import type { SampleBank } from './options.ts';
import type { RandomStream } from './random.ts';

/** Yearly growth rate of the number of new customers: each year has exp(0.17) times the new customers of the year before. */
const growth = 0.17;
/** Maximum number of days from a purchase to a follow-up purchase: three months. */
const quarterDays = 91;
const [steps, grid] = [1024, 8192];

/**
 * Quantiles, f64[steps + 1], of the years since the first of later + 1 purchases. Customers join at a growing rate and purchase at a constant rate.
 * The density of t years is therefore proportional to t^later exp(-growth t). Customers with many purchases tend to have joined long ago.
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
export interface PurchaseDays {
  /** Writes the purchase days of a basket of `size` products to `days`, ascending. */
  draw(random: RandomStream, size: number, days: Int32Array): void;
  /** Draws a day from `from` to `to` inclusive, weighted by season and course of sales. */
  between(random: RandomStream, from: number, to: number): number;
}

/** Creates the source of purchase days for a bank. */
export function createPurchaseDays({ referenceDay: end, shape }: SampleBank): PurchaseDays {
  const start = end - Math.round((mostYears + 1) * yearDays);
  const season = seasonOfDays(start, end).map((weight, i) => weight * (shape.course?.((end - start - i) / monthDays) ?? 1));
  // A course that differs more between days needs more draws.
  const attempts = shape.course === undefined ? 6 : 24;
  const tenures: Float64Array[] = [];

  function inSeason(random: RandomStream, draw: () => number): number {
    let day = draw();
    for (let attempt = 0; attempt < attempts && !random.chance(season[day - start]!); attempt++) day = draw();
    return day;
  }
  const between = (random: RandomStream, from: number, to: number) => inSeason(random, () => from + random.below(to - from + 1));

  return {
    between,
    draw(random, size, days) {
      tenures[size] ??= tenureQuantiles(size - 1);
      const first = () => end - Math.floor(quantileAt(tenures[size]!, random.uniform()) * yearDays);
      days[0] = inSeason(random, first);
      for (let i = 1; i < size; i++) {
        const earlier = days[random.below(i)]!;
        if (!random.chance(0.5)) days[i] = between(random, days[0]!, end);
        else if (random.chance(0.5)) days[i] = earlier;
        else days[i] = Math.min(end, earlier + random.below(quarterDays));
      }
      days.subarray(0, size).sort();
    },
  };
}
