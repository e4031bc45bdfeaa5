import { exp, log, noDate } from '@basketwise/core/parts';
import { mostYears, seasonOfDays, workday, yearDays } from './calendar.ts';
import type { ProductLine } from './catalog.ts';
import { drawExponential, quantileAt } from './distribution.ts';
import type { SampleBank } from './options.ts';
import type { RandomStream } from './random.ts';

const meanYears = 7;
/** Length in days of the period before the reference date in which newcomers join. */
const newcomerDays = 91;
/** Quantiles of the days between consecutive purchases, at 0, 5, ... 100 %. The inner quantiles are those of a real insurer. */
const gapQuantiles = [0, 1, 2, 5, 9, 13, 24, 36, 50, 67, 86, 110, 137, 165, 195, 227, 262, 300, 371, 520, 900];
/** Factor on the days between purchases for deposits. */
const depositStretch = 4;
const depositShare = 0.9;
/** Mean number of years before the last day of sale, for a line that was not on sale on the requested day. */
const meanYearsBeforeEnd = 2;

/** Quantiles of the years since the first purchase. The distribution is exponential, truncated at `mostYears`. */
const quantilesOfTenure = Float64Array.from(
  { length: 1025 },
  (_, i) => -meanYears * log(1 - (i / 1024) * (1 - exp(-mostYears / meanYears))),
);

/** Draws the days of a customer's purchases, for a bank with `past: 'crowded'`. */
export interface DateSource {
  /** Draws the day of the first purchase of a customer. */
  first(random: RandomStream, newcomer: boolean): number;
  /** Draws the day of the next purchase, given the earlier days: the first `count` elements of `days`. */
  next(random: RandomStream, days: Int32Array, count: number): number;
  /** Draws the workday of a sale: `day` if the line was on sale on that day, otherwise another day of its sale. */
  sold(random: RandomStream, line: ProductLine, day: number): number;
}

/** Creates the source of purchase days for a bank. */
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
