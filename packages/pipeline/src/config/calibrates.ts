import { isPushdown } from '../drivers/drivers.ts';
import type { Config } from './schema.ts';

/** Parts of a config that decide whether lists have probabilities, and their meaning. */
type Calibrating = Pick<Config, 'calibrate' | 'tables' | 'source'>;

/** Whether list entries get a probability, unless the config disables it. With pushdown holdings need dates. */
export function calibrates({ calibrate, tables, source }: Calibrating): boolean {
  return calibrate !== false && (tables.holdings.date !== null || !isPushdown({ source }));
}

/** Meanings of `probability`. */
export const probabilityTexts = {
  window: 'the probability that the customer purchases the product within the window',
  'next product': 'the probability that the next product that the customer takes is this one, because holdings have no dates',
} as const;

/** Meaning of `probability`: a purchase within the window, or the next product of the customer. */
export type ProbabilityMeaning = keyof typeof probabilityTexts;

/** Meaning of `probability` in the lists of a config. Null: lists have none. */
export function probabilityMeaning(config: Calibrating): ProbabilityMeaning | null {
  if (!calibrates(config)) return null;
  return config.tables.holdings.date === null ? 'next product' : 'window';
}

/** Warning that lists have no probabilities. The reason is pushdown with holdings without dates. Empty: lists have them, or need none. */
export function undatedWarning(config: Calibrating): string[] {
  if (config.calibrate === false || calibrates(config)) return [];
  return ['probability is null: with pushdown it is learned from dated holdings (tables.holdings.date)'];
}
