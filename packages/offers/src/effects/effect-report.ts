import type { CalendarSpan, PlainDate } from '@basketwise/core/parts';
import type { Compared, OutcomeFigures } from './outcome-figures.ts';

/** Period of the purchases that count for a run of date T: (T + gap, T + gap + window], the window of its probabilities. */
export interface ReadOutWindow {
  window: CalendarSpan;
  gap: CalendarSpan | null;
}

/**
 * Effect of the first contact: purchases of contacted customers against control customers. Each customer counts at their first
 * offer under the salt of the control.
 * Before the first offer no arm was treated, so that both are random samples of the same customers.
 * Later offers would compare customers that contacts, refusals and purchases have changed in only one arm.
 * - `experiment` compares the contacted of a variant with the contacted of the others, at their first offer under the
 * experiment's salt
 * - `effect` is the difference of the effects within the two
 * In a run without offers, the listed customers of a campaign are compared with all others. This proves nothing.
 */
export interface Outcome extends Compared, OutcomeFigures {
  /** Name of the run; `all`: all runs with the control of the last one together. */
  run: string;
  /** Grouping of the offers. */
  by: 'all' | 'campaign' | 'product' | 'rank' | 'cluster' | 'model' | 'variant' | 'experiment' | 'effect';
  /** Group of the offers. */
  value: string;
  /** Campaigns of these offers, for sums of published numbers. */
  campaigns: readonly string[];
  /** Runs whose numbers sum to this one. Empty, except in run `all`. */
  sums: readonly string[];
}

/** Published probabilities compared with purchases, for a band of offers in the order of their probability. */
export interface CalibrationBand {
  run: string;
  band: number;
  offers: number;
  expected: number;
  bought: number;
  /** Most offers of one customer in the run. */
  each: number;
}

/** Outcomes of a run whose contacted customers a limit of the config counts together: their number may be known exactly. */
export interface OfferLimit extends Pick<Outcome, 'run' | 'by'> {
  values: readonly string[];
  /** Contacted customers of these groups, left out because of an earlier offer. */
  before: number;
}

/** Effect report of earlier runs. */
export interface Outcomes extends ReadOutWindow {
  date: PlainDate;
  /** Evaluated runs. `offeredBefore`: customers excluded because they were in an earlier offer. */
  runs: readonly { run: string; date: PlainDate; hasOffers: boolean; offeredBefore: { offered: number; control: number } }[];
  /** Names of the runs in `all`. Empty without it. */
  pooled: readonly string[];
  limits: readonly OfferLimit[];
  outcomes: readonly Outcome[];
  calibration: readonly CalibrationBand[];
  /** Names of the offered products, by code. */
  names: Readonly<Record<string, string>>;
}
