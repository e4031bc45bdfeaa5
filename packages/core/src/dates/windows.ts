import { type CalendarSpan, minusSpan, type PlainDate } from './plain-date.ts';

/** One test. Data known at `at` is the training data. Purchases after `from`, up to and including `to`, are the test data. */
export interface EvaluationWindow {
  at: PlainDate;
  from: PlainDate;
  to: PlainDate;
  /**
   * Number of folds of customers, for data without dates. Each customer of a fold has one product held out as of `at`; `from` and
   * `to` equal `at`.
   */
  folds?: number;
}

/** Window that ends on a date. */
function windowTo(to: PlainDate, window: CalendarSpan, gap: CalendarSpan | null): EvaluationWindow {
  const from = minusSpan(to, window);
  return { at: gap === null ? from : minusSpan(from, gap), from, to };
}

/**
 * Rolling windows, latest first. The first ends on the reference date. Each other one ends where the test of the previous one
 * begins.
 */
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

/** Window within the training data of another, for tuning. Its test ends at the end of the outer training data. */
export function innerWindow({ at }: EvaluationWindow, window: CalendarSpan, gap: CalendarSpan | null): EvaluationWindow {
  return windowTo(at, window, gap);
}

/** Number of windows before a date that models learn from. */
export const learningWindows = 4;
