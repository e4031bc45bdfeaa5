import { exp } from '@basketwise/core/parts';
import { mostYears, seasonOfDays, yearDays } from './calendar.ts';
import { quantileAt } from './distribution.ts';
import type { Sales, SampleBank } from './options.ts';
import type { RandomStream } from './random.ts';

/** Yearly growth rate of the number of new customers: each year has exp(0.17) times the new customers of the year before. */
const growth = 0.17;
/**
 * Length in days of the last period, three months, in which newcomers join. Also the maximum number of days from a purchase to a follow-up purchase.
 */
const quarterDays = 91;
const [steps, grid] = [1024, 8192];
/** Maximum number of further draws of a day after a rejected one. Courses of sales that differ more between days need more draws. */
const attempts: Record<Sales, number> = { level: 6, falling: 12, spiking: 24 };
const meanMonthDays = yearDays / 12;

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

/** Draws the days of a customer's purchases, for a bank with `past: 'steady'`. */
export interface SteadyDays {
  /** Writes the purchase days of a basket of `size` products to `days`, ascending. */
  draw(random: RandomStream, size: number, newcomer: boolean, days: Int32Array): void;
  /** Draws a day from `from` to `to` inclusive, weighted by season and course of sales. */
  between(random: RandomStream, from: number, to: number): number;
}

/** Sales of a day relative to the day with the most sales, 0 to 1. @param months months from the day to the reference date */
function courseOf(sales: Sales, months: number): number {
  if (sales === 'falling') return exp(-Math.LN2 * Math.min(1, Math.max(0, (24 - months) / 12)));
  if (sales === 'spiking') return months > 30 && months <= 31 ? 1 : 1 / 3;
  return 1;
}

/** Creates the source of purchase days for a bank. */
export function createSteadyDays({ referenceDay: end, sales }: SampleBank): SteadyDays {
  const start = end - Math.round((mostYears + 1) * yearDays);
  const season = seasonOfDays(start, end).map((weight, i) => weight * courseOf(sales, (end - start - i) / meanMonthDays));
  const tenures: Float64Array[] = [];

  function inSeason(random: RandomStream, draw: () => number): number {
    let day = draw();
    for (let attempt = 0; attempt < attempts[sales] && !random.chance(season[day - start]!); attempt++) day = draw();
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
