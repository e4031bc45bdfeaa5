import type { CalendarSpan } from '@basketwise/core/kinds';

/** How lists are made and judged: the parts of a config that know nothing of files. */
export interface BankSettings {
  tables: {
    holdings: {
      /** Where holdings have a date; null: they have none. */
      date: string | null;
    };
  };
  recency: {
    /** Bands of holdings, the most recent first; the last has no `within`. */
    bands: readonly { within?: CalendarSpan | undefined; weight: number }[];
  };
  evaluate: {
    /** Length of a test window, and of the time before it that is not known yet. */
    window: CalendarSpan;
    gap: CalendarSpan | null;
    /** Resamples of the intervals, and their seed. */
    bootstrap: number;
    seed: number;
  };
  /** Longest list. */
  top_n: number;
  /** Lists of those who hold nothing; absent: as the kind of model has it. */
  fallback?: 'popularity' | 'model' | undefined;
  /** Whom they leave out is counted by reason. */
  rules: readonly { reason: string }[];
}

/** Weight of each recency band of holdings. */
export function bandWeightsOf({ recency }: Pick<BankSettings, 'recency'>): number[] {
  return recency.bands.map(({ weight }) => weight);
}

/** Recency bands where nothing else is said, with their weights. */
export const usualBands = [
  { within: '6 months', weight: 1 },
  { within: '1 year', weight: 0.75 },
  { within: '3 years', weight: 0.5 },
  { weight: 0.25 },
];

/** How lists are tested where nothing else is said: length of a window and of the gap before it, resamples of intervals and their seed. */
export const usualTest = { window: '1 month', gap: '1 month', bootstrap: 2000, seed: 0 };

/** Longest list where nothing else is said. */
export const usualLength = 5;
