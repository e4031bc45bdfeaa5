import { dateOfDay, daysOfMonth, daysSinceEpoch, exp, type HistoryBatch, log, noDate, type Product, sum } from '@basketwise/core';

/**
 * Number of openings in a calendar month. `month` is 12 x year + month of the year, with January as 0. Several openings of a customer on one day
 * count once.
 */
export interface MonthOpenings {
  month: number;
  openings: number;
}

/** Minimum and maximum number of years from which the season of a month is estimated. */
const [leastYears, mostYears] = [3, 10];
/** Ratio of the standard deviation of normal values to their median absolute deviation. */
const deviationOfMedian = 1.4826;
/** Variance of the median of normal values, relative to that of their mean. */
const medianVariance = Math.PI / 2;

/**
 * Counts the openings of holdings by month, without products whose sale begins later.
 * @param batches holdings ordered by customer; batches do not divide a customer
 */
export async function monthOpenings(
  batches: AsyncIterable<HistoryBatch>,
  products: readonly Pick<Product, 'upcoming'>[],
): Promise<MonthOpenings[]> {
  const ofDay = new Map<number, number>();
  const seen = new Set<number>();
  for await (const { customer, product, days } of batches) {
    for (let i = 0; i < days.length; i++) {
      if (i === 0 || customer[i] !== customer[i - 1]) seen.clear();
      const day = days[i]!;
      if (day === noDate || seen.has(day) || products[product[i]!]!.upcoming) continue;
      seen.add(day);
      ofDay.set(day, (ofDay.get(day) ?? 0) + 1);
    }
  }
  const ofMonth = new Map<number, number>();
  for (const [day, openings] of ofDay) ofMonth.set(monthOf(day), (ofMonth.get(monthOf(day)) ?? 0) + openings);
  return [...ofMonth].map(([month, openings]) => ({ month, openings })).sort((a, b) => a.month - b.month);
}

/** Share of the openings that can have a wrong, too early date. */
const strays = 0.01;

/** First day of the first month whose sales are all known: the month after the first opening. Infinity without openings. */
export function firstDayOfSales(list: readonly MonthOpenings[]): number {
  let before = strays * sum(list.map(({ openings }) => openings));
  for (const { month, openings } of list) {
    before -= openings;
    if (before >= 0) continue;
    const next = month + 1;
    return daysSinceEpoch(`${Math.floor(next / 12)}-${String((next % 12) + 1).padStart(2, '0')}-01`);
  }
  return Number.POSITIVE_INFINITY;
}

function monthOf(day: number): number {
  const date = dateOfDay(day);
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
}

function daysIn(month: number): number {
  return daysOfMonth(Math.floor(month / 12), (month % 12) + 1);
}

/**
 * Season of each month of the year, f64[12]: log of its usual openings per day, relative to those of a year. The usual value is the median over the
 * years of log(openings of the month / mean of the 12 months around it), per day. One exceptional month thus has little effect. Seasons are shrunk by
 * their reliability: 1 - variance of a median / variance between months. All are 0 with less than 3 years of a month.
 * @param end first day that is unknown
 */
export function seasonsOf(list: readonly MonthOpenings[], end: number): Float64Array {
  const seasons = new Float64Array(12);
  const openings = new Map(list.map((one) => [one.month, one.openings]));
  const [newest, oldest] = [monthOf(end), list.reduce((least, { month }) => Math.min(least, month), Number.POSITIVE_INFINITY)];
  const ratios = Array.from(seasons, (): number[] => []);
  const openingsIn = (month: number) => (openings.get(month) ?? 0) + 0.5;
  for (let month = Math.max(oldest, newest - 12 * (mostYears + 1)) + 6; month + 6 < newest; month++) {
    const around = sum(Array.from({ length: 12 }, (_, i) => (openingsIn(month - 6 + i) + openingsIn(month - 5 + i)) / 2));
    const days = sum(Array.from({ length: 12 }, (_, i) => daysIn(month - 5 + i)));
    ratios[month % 12]!.push(log((openingsIn(month) * days) / (around * daysIn(month))));
  }
  const years = Math.min(...ratios.map(({ length }) => length));
  if (years < leastYears) return seasons;
  const usual = ratios.map(median);
  const centre = sum(usual) / 12;
  const errors = ratios.flatMap((values, month) => values.map((value) => Math.abs(value - usual[month]!)));
  const noise = ((deviationOfMedian * median(errors)) ** 2 * medianVariance) / (years - 1);
  const variance = sum(usual.map((value) => (value - centre) ** 2)) / 11;
  const reliability = variance > noise ? 1 - noise / variance : 0;
  return seasons.map((_, month) => reliability * (usual[month]! - centre));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/**
 * Returns the season of a part of the time around a date: the factor of its sales. Part 0 ends with the date; later parts have negative numbers.
 * @param today the date, in days since 1970-01-01
 * @param length days of a part
 */
export function seasonOfParts(seasons: Float64Array, today: number, length: number): (part: number) => number {
  return (part) => {
    const [after, to] = [Math.floor(today - (part + 1) * length), Math.floor(today - part * length)];
    const days = Array.from({ length: to - after }, (_, i) => exp(seasons[monthOf(after + 1 + i) % 12]!));
    return sum(days) / days.length;
  };
}
