import { exp, log, noDate } from '@basketwise/core/parts';
import { mostYears, seasonOfDays, workday, yearDays } from './calendar.ts';
import type { ProductLine } from './catalog.ts';
import { drawExponential, quantileAt } from './distribution.ts';
import type { SampleBank } from './options.ts';
import type { RandomStream } from './random.ts';

const meanYears = 7;
/** Days of the period in which newcomers come: the last three months. */
const newcomerDays = 91;
/** Days between purchases: 0, 5, ... 100 % quantiles. The inner ones are a real insurer's. */
const gapQuantiles = [0, 1, 2, 5, 9, 13, 24, 36, 50, 67, 86, 110, 137, 165, 195, 227, 262, 300, 371, 520, 900];
/** Factor on the days between deposits. */
const depositStretch = 4;
const depositShare = 0.9;
/** Mean years before the last day of sale, for a product that was not on sale on the drawn day. */
const meanYearsBeforeEnd = 2;

/** Years since the first purchase: exponential, cut at the start of the bank's history. */
const quantilesOfTenure = Float64Array.from(
  { length: 1025 },
  (_, i) => -meanYears * log(1 - (i / 1024) * (1 - exp(-mostYears / meanYears))),
);

/** Draws the days of purchases. */
export interface DateSource {
  /** Draws the day of the first purchase of a customer. */
  first(random: RandomStream, newcomer: boolean): number;
  /** Draws the day of the purchase after the first `count` days in `days`. */
  next(random: RandomStream, days: Int32Array, count: number): number;
  /** Workday of the sale: `day` if the product was on sale then, else another day of sale. */
  sold(random: RandomStream, line: ProductLine, day: number): number;
}

/** Creates the source of dates for a bank. */
export function createDateSource(bank: SampleBank): DateSource {
  const end = bank.referenceDay;
  const start = end - Math.round((mostYears + 1) * yearDays);
  const season = seasonOfDays(start, end);

  function inSeason(random: RandomStream, draw: () => number): number {
    let day = draw();
    for (let attempt = 0; attempt < 3 && !random.chance(season[day - start]!); attempt++) day = draw();
    return day;
  }

  return {
    first(random, newcomer) {
      if (newcomer) return end - random.below(newcomerDays);
      return inSeason(random, () =>
        Math.min(end - newcomerDays, end - Math.floor(quantileAt(quantilesOfTenure, random.uniform()) * yearDays)),
      );
    },
    next(random, days, count) {
      let day: number;
      if (random.chance(0.5)) {
        day = days[random.below(count)]! + (random.chance(0.5) ? 0 : random.below(newcomerDays));
      } else {
        const stretch = random.chance(depositShare) ? depositStretch : 1;
        day = days[count - 1]! + Math.floor(quantileAt(gapQuantiles, random.uniform()) * stretch);
      }
      return day <= end ? day : inSeason(random, () => days[0]! + random.below(end - days[0]! + 1));
    },
    sold(random, { saleFrom, saleTo }, day) {
      const last = saleTo === noDate ? end : saleTo;
      if (day >= saleFrom && day <= last) return workday(day);
      const back = Math.floor(drawExponential(random) * meanYearsBeforeEnd * yearDays);
      return workday(last - back >= saleFrom ? last - back : saleFrom + random.below(last - saleFrom + 1));
    },
  };
}
