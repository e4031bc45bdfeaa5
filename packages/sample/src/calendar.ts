import { dateOfDay, daysSinceEpoch, isPlainDate } from '@basketwise/core';

/** Mean length of a year, in days. */
export const yearDays = 365.25;
/** Mean length of a month, in days. */
export const monthDays = yearDays / 12;
/** Longest time since a customer's first purchase, in years. */
export const mostYears = 20;

/** Days from 1970-01-01 to a date written as YYYY-MM-DD. Undefined if the date is invalid. */
export function dayOf(date: string): number | undefined {
  return isPlainDate(date) ? daysSinceEpoch(date) : undefined;
}

/** The day itself if it is a workday, otherwise the Friday before it. */
export function workday(day: number): number {
  const weekday = (day + 3) % 7; // 1970-01-01 was a Thursday. Weekday 0 is Monday.
  return weekday > 4 ? day - (weekday - 4) : day;
}

/** Purchases in each month, January first, relative to the month with the most purchases. */
const season = [0.86, 0.84, 1, 0.93, 0.88, 0.9, 0.87, 0.82, 0.94, 0.96, 0.9, 0.78];

/** Seasonal weight, 0 to 1, of each day from `from` to `to` inclusive: f64[days]. */
export function seasonOfDays(from: number, to: number): Float64Array {
  return Float64Array.from({ length: to - from + 1 }, (_, i) => season[Number(dateOfDay(from + i).slice(5, 7)) - 1]!);
}
