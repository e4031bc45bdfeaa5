import { AppError } from '../error.ts';

/** Calendar day as `YYYY-MM-DD`, without time or time zone. The order of plain dates is the order of their strings. */
export type PlainDate = string;

/** Calendar distance: whole months, then whole days. */
export interface CalendarSpan {
  months: number;
  days: number;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const spanUnits: Record<string, CalendarSpan> = {
  day: { months: 0, days: 1 },
  week: { months: 0, days: 7 },
  month: { months: 1, days: 0 },
  year: { months: 12, days: 0 },
};

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Number of days of a month (1 to 12) of the Gregorian calendar. */
export function daysOfMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : monthDays[month - 1]!;
}

function dateNumbers(date: PlainDate): [year: number, month: number, day: number] {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  return [year, month, day];
}

function dateText(year: number, month: number, day: number): PlainDate {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Whether a text is `YYYY-MM-DD` of a day that exists. */
export function isPlainDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const [year, month, day] = dateNumbers(text);
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
}

/** Longest span in days: a hundred years. */
const daysOfCentury = 36_525;

/** Parses a span such as `6 months`, `1 year`, `2 weeks` or `10 days`. Undefined for any other text, or above 100 years. */
export function parseSpan(text: string): CalendarSpan | undefined {
  const match = /^(\d{1,4}) ?(day|week|month|year)s?$/.exec(text.trim());
  const unit = match && spanUnits[match[2]!];
  if (!match || !unit || Number(match[1]) === 0) return undefined;
  const span = { months: Number(match[1]) * unit.months, days: Number(match[1]) * unit.days };
  return spanDays(span) <= daysOfCentury ? span : undefined;
}

/** Approximate length of a span in days. It serves to compare spans that have no date. */
export function spanDays({ months, days }: CalendarSpan): number {
  return (months * 146_097) / 4800 + days;
}

/**
 * Date `span` before `date`. Months are subtracted first, then days.
 * A day that the month lacks becomes the month's last day: 2022-08-31 less 6 months is 2022-02-28.
 * @throws AppError config if the result lies before year 1
 */
export function minusSpan(date: PlainDate, span: CalendarSpan): PlainDate {
  const shifted = moved(date, -span.months, -span.days);
  if (shifted === null || span.days > mostDays)
    throw new AppError('config', `the time before ${date} reaches back too far`, 'Use a shorter `within` or window.');
  return shifted;
}

/**
 * Date `span` after `date`. Months are added first, then days: 2022-08-31 and 6 months is 2023-02-28.
 * @throws AppError config if the result lies after year 9999
 */
export function plusSpan(date: PlainDate, span: CalendarSpan): PlainDate {
  const shifted = moved(date, span.months, span.days);
  if (shifted === null || span.days > mostDays)
    throw new AppError('config', `the time after ${date} reaches too far`, 'Use a shorter gap or window.');
  return shifted;
}

/** Whether a date is the last day of its month. */
function isMonthEnd(date: PlainDate): boolean {
  const [year, month, day] = dateNumbers(date);
  return day === daysOfMonth(year, month);
}

/**
 * Last date from which `span` has passed on `date`: the inverse of `plusSpan`. The last day of a month leads to the last day of a month,
 * from which all days that the later month lacks have passed: 2022-06-30 and 1 month is 2022-05-31. Of all other dates, it is `minusSpan`.
 * @throws AppError config if the result lies before year 1
 */
export function spanStart(date: PlainDate, { months, days }: CalendarSpan): PlainDate {
  const end = minusSpan(date, { months: 0, days });
  const [year, month, day] = dateNumbers(minusSpan(end, { months, days: 0 }));
  return dateText(year, month, isMonthEnd(end) ? daysOfMonth(year, month) : day);
}

/** Largest number of days of a span. */
const mostDays = 36_600;

/** Adds months, then days, to a date. Null if adding the months leads outside years 1 to 9999. */
function moved(date: PlainDate, months: number, days: number): PlainDate | null {
  const [year, month, day] = dateNumbers(date);
  const index = year * 12 + (month - 1) + months;
  const targetYear = Math.floor(index / 12);
  if (targetYear < 1 || targetYear > 9999) return null;
  const targetMonth = index - targetYear * 12 + 1;
  const target = dateText(targetYear, targetMonth, Math.min(day, daysOfMonth(targetYear, targetMonth)));
  return days === 0 ? target : dateOfDay(daysSinceEpoch(target) + days);
}

/** Milliseconds of a day. */
export const dayMilliseconds = 86_400_000;

/** Days from 1970-01-01 to `date`; negative for earlier dates. */
export function daysSinceEpoch(date: PlainDate): number {
  const [year, month, day] = dateNumbers(date);
  const yearsBefore = year - 1;
  let days = yearsBefore * 365 + Math.floor(yearsBefore / 4) - Math.floor(yearsBefore / 100) + Math.floor(yearsBefore / 400);
  for (let m = 1; m < month; m++) days += daysOfMonth(year, m);
  return days + day - 1 - 719_162;
}

/** Date `days` days after 1970-01-01, from year 1 to 9999. */
export function dateOfDay(days: number): PlainDate {
  return new Date(days * dayMilliseconds).toISOString().slice(0, 10);
}

/** Date `span` before `referenceDate`, in days since 1970-01-01. */
export function daysBefore(referenceDate: PlainDate, span: CalendarSpan): number {
  return daysSinceEpoch(minusSpan(referenceDate, span));
}

/** Window of a backtest. Models are trained on the data as of `at`, and tested on purchases after `from`, up to and including `to`. */
export interface EvaluationWindow {
  at: PlainDate;
  from: PlainDate;
  to: PlainDate;
  /**
   * Number of folds of customers, for data without dates. Each customer of a fold has one product held out as of `at`.
   * `from` and `to` then equal `at`.
   */
  folds?: number;
}

/** Window whose test period ends on `to`. If the reference date is the last day of a month, months lead to last days of months. */
function windowTo(to: PlainDate, window: CalendarSpan, gap: CalendarSpan | null, reference: PlainDate): EvaluationWindow {
  const before = isMonthEnd(reference) ? spanStart : minusSpan;
  const from = before(to, window);
  return { at: gap === null ? from : before(from, gap), from, to };
}

/**
 * Rolling windows, latest first. The first window ends on the reference date. Each next window ends on the date `from` of the window
 * before it.
 */
export function evaluationWindows(
  reference: PlainDate,
  window: CalendarSpan,
  gap: CalendarSpan | null,
  windows: number,
): EvaluationWindow[] {
  const list: EvaluationWindow[] = [];
  for (let to = reference; list.length < windows; to = list.at(-1)!.from) list.push(windowTo(to, window, gap, reference));
  return list;
}

/** The test period of a window as a phrase. */
export function windowText({ at, from, to, folds }: EvaluationWindow): string {
  if (folds !== undefined)
    return `holdings as of ${at}, without dates: ${folds} folds of customers, each tested on one product that was hidden`;
  return `trained as of ${at}, tested on purchases after ${from} up to ${to}`;
}

/** Newest window, and a window for tuning within its training data, whose test period ends on the date `at` of the newest window. */
export function nestedWindows(
  reference: PlainDate,
  window: CalendarSpan,
  gap: CalendarSpan | null,
): { outer: EvaluationWindow; inner: EvaluationWindow } {
  const outer = windowTo(reference, window, gap, reference);
  return { outer, inner: windowTo(outer.at, window, gap, reference) };
}

/** Number of windows before a date from whose purchases models learn. */
export const learningWindows = 4;
