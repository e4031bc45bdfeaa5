import { type CalendarSpan, minusSpan, type PlainDate } from './plain-date.ts';

/** One test: data known at `at` is the training data; purchases after `from`, up to and including `to`, are the test data. */
export interface EvaluationWindow {
  at: PlainDate;
  from: PlainDate;
  to: PlainDate;
  /**
   * Without dates: number of folds of customers. Each customer of a fold has one product held out as of `at`; `from` and `to` are the same.
   */
  folds?: number;
}

/** The window that ends on a date. */
function windowTo(to: PlainDate, window: CalendarSpan, gap: CalendarSpan | null): EvaluationWindow {
  const from = minusSpan(to, window);
  return { at: gap === null ? from : minusSpan(from, gap), from, to };
}

/** Rolling windows, the latest first: the first ends on the reference date, each other one at the start of the later one's test. */
export function evaluationWindows(
  reference: PlainDate,
  window: CalendarSpan,
  gap: CalendarSpan | null,
  windows: number,
): EvaluationWindow[] {
  const list: EvaluationWindow[] = [];
  for (let to = reference; list.length < windows; to = list.at(-1)!.from) list.push(windowTo(to, window, gap));
  return list;
}

/** The test period of a window as a phrase. */
export function windowText({ at, from, to, folds }: EvaluationWindow): string {
  if (folds !== undefined)
    return `holdings as of ${at}, without dates: ${folds} folds of customers, each tested on one product that was hidden`;
  return `trained as of ${at}, tested on purchases after ${from} up to ${to}`;
}

/** The window inside a window's training data, for tuning: its test ends at the end of the outer training data. */
export function innerWindow({ at }: EvaluationWindow, window: CalendarSpan, gap: CalendarSpan | null): EvaluationWindow {
  return windowTo(at, window, gap);
}

/** Number of windows before a date from which models learn. */
export const learningWindows = 4;
