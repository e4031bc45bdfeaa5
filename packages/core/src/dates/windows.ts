import { type CalendarSpan, isMonthEnd, minusSpan, type PlainDate, spanStart } from './plain-date.ts';

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
