import { dateOfDay, daysSinceEpoch, isPlainDate } from '@basketwise/core/parts';

/** Days of a mean year. */
export const yearDays = 365.25;
/** Longest time of a customer with the bank, in years. */
export const mostYears = 20;

/** Days from 1970-01-01 to a day as YYYY-MM-DD; undefined for an invalid day. */
export function dayOf(date: string): number | undefined {
  return isPlainDate(date) ? daysSinceEpoch(date) : undefined;
}

/** The day itself, or the Friday before a weekend. */
export function workday(day: number): number {
  const weekday = (day + 3) % 7; // 1970-01-01 was a Thursday: 0 is Monday
  return weekday > 4 ? day - (weekday - 4) : day;
}

/** Purchases of each month, January first, relative to the best month. */
const season = [0.86, 0.84, 1, 0.93, 0.88, 0.9, 0.87, 0.82, 0.94, 0.96, 0.9, 0.78];

/** Seasonal weight (0 to 1) of each day from `from` to `to`, both included. */
export function seasonOfDays(from: number, to: number): Float64Array {
  return Float64Array.from({ length: to - from + 1 }, (_, i) => season[Number(dateOfDay(from + i).slice(5, 7)) - 1]!);
}
