import { type CalendarSpan, minusSpan, type PlainDate } from './plain-date.ts';

/** One test: all that is known at `at` trains; what is acquired after `from`, up to and including `to`, is to be found. */
export interface EvaluationWindow {
  at: PlainDate;
  from: PlainDate;
  to: PlainDate;
  /** Without dates: so many folds of customers, each of whom lost one product as of `at`; `from` and `to` are the same. */
  folds?: number;
}

/** The window that ends on a date. */
function windowTo(to: PlainDate, window: CalendarSpan, gap: CalendarSpan | null): EvaluationWindow {
  const from = minusSpan(to, window);
  return { at: gap === null ? from : minusSpan(from, gap), from, to };
}

/** Rolling windows, the latest first: the first ends on the reference date, each other one where the later one's test begins. */
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

/** The subject of a test, in words. */
export function windowText({ at, from, to, folds }: EvaluationWindow): string {
  if (folds !== undefined)
    return `holdings as of ${at}, without dates: ${folds} folds of customers, each tested on one product that was hidden`;
  return `trained as of ${at}, tested on acquisitions after ${from} up to ${to}`;
}

/** The window inside a window's training data, for tuning: its test ends where the outer training data ends. */
export function innerWindow({ at }: EvaluationWindow, window: CalendarSpan, gap: CalendarSpan | null): EvaluationWindow {
  return windowTo(at, window, gap);
}

/** How many windows before a date models learn from. */
export const learningWindows = 4;
