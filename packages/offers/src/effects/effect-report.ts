import { type CalendarSpan, dateOfDay, daysSinceEpoch, type PlainDate, plusSpan, spanStart } from '@basketwise/core';
import type { Compared, OutcomeFigures } from './outcome-figures.ts';

/** Window in which purchases count for a run of reference date T: (T + gap, T + gap + window], as for the run's probabilities. */
export interface ReadOutWindow {
  window: CalendarSpan;
  gap: CalendarSpan | null;
}

/**
 * Effect of the first contact: purchases of contacted customers compared with purchases of control customers.
 * Each customer counts only at their first offer under the control's salt. Before that offer, neither arm was contacted.
 * Both arms are therefore random samples of the same customers. Later offers are not compared, because contacts, refusals and purchases
 * have then changed the customers of one arm only.
 * - `by` = `experiment`: the contacted customers of a variant are compared with those of the other variant, at their first offer
 *   under the experiment's salt
 * - `by` = `effect`: the effect within one variant is compared with the effect within the other variant
 * In a run without offers, the customers with a list in a campaign are compared with all other customers. Such a comparison proves nothing.
 */
export interface Outcome extends Compared, OutcomeFigures {
  /** Name of the run; `all`: all runs together that have the same control as the last run. */
  run: string;
  /** Property by which the offers are grouped. */
  by: 'all' | 'campaign' | 'product' | 'rank' | 'cluster' | 'model' | 'variant' | 'experiment' | 'effect';
  /** Value of that property for this group of offers. */
  value: string;
  /** Campaigns of these offers. Groups sum to their campaigns, so another number can be hidden beside a hidden one (see `publishedNumbers`). */
  campaigns: readonly string[];
}

/** Predicted probabilities compared with purchases, for a band (such as a tenth) of a run's offers sorted by probability. */
export interface CalibrationBand {
  run: string;
  band: number;
  offers: number;
  expected: number;
  bought: number;
  /** Greatest number of offers of one customer in the run. */
  each: number;
}

/** Outcomes of a run whose contacted customers a capacity of the config counts. If it is used up, its limit reveals their exact number. */
export interface OfferLimit extends Pick<Outcome, 'run' | 'by'> {
  values: readonly string[];
}

/** Effect report of earlier runs. */
export interface Outcomes extends ReadOutWindow {
  date: PlainDate;
  /** Evaluated runs. `offeredBefore`: number of customers in each arm excluded because of an earlier offer. */
  runs: readonly { run: string; date: PlainDate; hasOffers: boolean; offeredBefore: { offered: number; control: number } }[];
  /** Names of the runs in `all`. Empty if no runs are evaluated together. */
  pooled: readonly string[];
  limits: readonly OfferLimit[];
  outcomes: readonly Outcome[];
  calibration: readonly CalibrationBand[];
  /** Names of the offered products, by code. */
  names: Readonly<Record<string, string>>;
}

/** Last reference date whose purchase window ends on or before a given date. */
export function lastReadOut(date: PlainDate, { window, gap }: ReadOutWindow): PlainDate {
  const from = spanStart(date, window);
  return gap === null ? from : spanStart(from, gap);
}

/** First and last day of the window in which purchases count for a run of a reference date. */
export function purchaseDays(date: PlainDate, { window, gap }: ReadOutWindow): readonly [PlainDate, PlainDate] {
  const from = gap === null ? date : plusSpan(date, gap);
  return [dateOfDay(daysSinceEpoch(from) + 1), plusSpan(from, window)];
}
