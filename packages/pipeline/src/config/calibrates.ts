import type { Config } from './schema.ts';

/** Whether list entries get a probability: if holdings have dates, unless the config disables it. */
export function calibrates({ calibrate, tables }: Pick<Config, 'calibrate' | 'tables'>): boolean {
  return tables.holdings.date !== null && calibrate !== false;
}

/** Warning about a bank without dates, whose lists have no probabilities. */
export function undatedWarning({ calibrate, tables }: Pick<Config, 'calibrate' | 'tables'>): string[] {
  if (tables.holdings.date !== null || calibrate === false) return [];
  return ['probability is null: holdings have no dates (tables.holdings.date), which probabilities are learned from'];
}
