import { dateOfDay, daysSinceEpoch, minusSpan, type PlainDate, plusSpan } from '@basketwise/core/parts';
import type { ReadOutWindow } from './effect-report.ts';

/** Last reference date whose purchase window ends on or before a given date. */
export function lastReadOut(date: PlainDate, { window, gap }: ReadOutWindow): PlainDate {
  const from = minusSpan(date, window);
  return gap === null ? from : minusSpan(from, gap);
}

/** First and last day of the window in which purchases count for a run of a reference date. */
export function purchaseDays(date: PlainDate, { window, gap }: ReadOutWindow): readonly [PlainDate, PlainDate] {
  const from = gap === null ? date : plusSpan(date, gap);
  return [dateOfDay(daysSinceEpoch(from) + 1), plusSpan(from, window)];
}
