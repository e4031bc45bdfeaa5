import { isPushdown } from '../drivers/drivers.ts';
import type { Config } from './schema.ts';

/** Keys of a config that determine whether list entries have a probability, and the meaning of that probability. */
type Calibrating = Pick<Config, 'calibrate' | 'tables' | 'source'>;

/** Whether list entries get a probability. They get none if the config disables it, or with pushdown if holdings have no dates. */
export function calibrates({ calibrate, tables, source }: Calibrating): boolean {
  return calibrate !== false && (tables.holdings.date !== null || !isPushdown({ source }));
}

/** Explanation of each meaning of `probability`, for reports. */
export const probabilityTexts = {
  window: 'the probability that the customer purchases the product within the window',
  'next product': 'the probability that the next product that the customer takes is this one, because holdings have no dates',
} as const;

/** Event that `probability` is about: a purchase of the product within the window, or the product being the customer's next one. */
export type ProbabilityMeaning = keyof typeof probabilityTexts;

/** Meaning of `probability` in the lists of a config. Null if the lists have no probabilities. */
export function probabilityMeaning(config: Calibrating): ProbabilityMeaning | null {
  if (!calibrates(config)) return null;
  return config.tables.holdings.date === null ? 'next product' : 'window';
}

/**
 * Warning that lists have no probabilities, because pushdown needs dates of holdings for them. Empty if lists have probabilities,
 * or if the config disables them.
 */
export function undatedWarning(config: Calibrating): string[] {
  if (config.calibrate === false || calibrates(config)) return [];
  return ['probability is null: with pushdown it is learned from dated holdings (tables.holdings.date)'];
}
