import { type CalendarSpan, kindOf } from '@basketwise/core/kinds';

/** Settings of lists and their evaluation: the parts of a config that do not name files. */
export interface BankSettings {
  tables: {
    holdings: {
      /** Date column of holdings; null: no dates. */
      date: string | null;
    };
  };
  recency: {
    /** Recency bands of holdings, the most recent first. The last has no `within`. */
    bands: readonly { within?: CalendarSpan | undefined; weight: number }[];
  };
  evaluate: {
    /** Length of a test window. */
    window: CalendarSpan;
    /** Gap before a test window. */
    gap: CalendarSpan | null;
    /** Number of resamples of the intervals. */
    bootstrap: number;
    /** Seed of the resamples. */
    seed: number;
  };
  /** Length of the longest list. */
  top_n: number;
  /** Lists of customers without holdings. Absent: the default of the kind of model. */
  fallback?: 'popularity' | 'model' | undefined;
  /** Exclusion rules. Excluded customers are counted by reason. */
  rules: readonly { reason: string }[];
}

/** Weight of each recency band of holdings. */
export function bandWeightsOf({ recency }: Pick<BankSettings, 'recency'>): number[] {
  return recency.bands.map(({ weight }) => weight);
}

/** Lists of customers without holdings: the model's, or popular products. @param kind of the model */
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

/** Default settings of tests: length of a window and of the gap before it, resamples of intervals and their seed. */
export const usualTest = { window: '1 month', gap: '1 month', bootstrap: 2000, seed: 0 };

/** Default length of the longest list. */
export const usualLength = 5;
