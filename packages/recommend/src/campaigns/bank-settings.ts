import { type CalendarSpan, kindOf } from '@basketwise/core';

/** Settings of lists and of their evaluation: the parts of a config that name no files. */
export interface BankSettings {
  tables: {
    holdings: {
      /** Column with the opening date of holdings. Null: holdings have no dates. */
      date: string | null;
    };
  };
  recency: {
    /** Recency bands of holdings, the most recent first, with their weights. The last band has no upper age `within`. */
    bands: readonly { within?: CalendarSpan | undefined; weight: number }[];
  };
  evaluate: {
    /** Length of an evaluation window. */
    window: CalendarSpan;
    /** Gap between the reference date and the start of the window. Null: no gap. */
    gap: CalendarSpan | null;
    /** Number of bootstrap resamples of an interval. */
    bootstrap: number;
    /** Seed of the bootstrap resamples. */
    seed: number;
  };
  /** Length of the longest list. */
  top_n: number;
  /** Source of the lists of customers without holdings. Absent: the default of the kind of model. */
  fallback?: 'popularity' | 'model' | undefined;
  /** Exclusion rules. Excluded customers are counted by `reason`. */
  rules: readonly { reason: string }[];
}

/** Weight of each recency band of holdings, the most recent first. */
export function bandWeightsOf({ recency }: Pick<BankSettings, 'recency'>): number[] {
  return recency.bands.map(({ weight }) => weight);
}

/** Source of the lists of customers without holdings: the model, or popular products. @param kind kind of the model */
export function fallbackOf(kind: string, fallback: BankSettings['fallback']): 'popularity' | 'model' {
  return fallback ?? (kindOf(kind).servesAll ? 'model' : 'popularity');
}

/** Default recency bands, with their weights. */
export const usualBands = [
  { within: '6 months', weight: 1 },
  { within: '1 year', weight: 0.75 },
  { within: '3 years', weight: 0.5 },
  { weight: 0.25 },
];

/** Default settings of evaluation: lengths of a window and of the gap before it, number of bootstrap resamples and their seed. */
export const usualTest = { window: '1 month', gap: '1 month', bootstrap: 2000, seed: 0 };

/** Default length of the longest list. */
export const usualLength = 5;

/** Limits of a feature's bands. `fewest` and `most`: number of bands of about equal size. `mostBounds`: length of a list of bounds. */
export const bandLimits = { fewest: 2, most: 50, mostBounds: 100 } as const;
