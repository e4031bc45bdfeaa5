import { type Feature, levelsOf } from '@basketwise/core/parts';
import type { CustomerContexts } from '../campaigns/customer-contexts.ts';

/** Features to rank by: their levels, and the share of the customers with each. */
export interface RankingFeatures {
  features: readonly Feature[];
  shares: readonly (readonly number[])[];
  /** Position of the cluster feature; absent: there is none. */
  clusters?: number;
}

/** Levels of a customer, one of each feature that has a level for them, counted over all features. */
export type LevelsOfCustomer = (customer: number) => readonly number[];

/** The levels of a bank's customers as of a date; empty without features. */
export function customerLevels(contexts: CustomerContexts | null): LevelsOfCustomer {
  if (contexts === null) return () => [];
  const levels = contexts.contexts.map((context) => levelsOf(contexts.features, context).filter((level) => level >= 0));
  return (customer) => levels[contexts.ofCustomer[customer]!]!;
}

/**
 * Shares of levels by which effects of features are centred; null without features.
 * @param clustered whether the last feature is the cluster
 */
export function rankingFeatures(contexts: CustomerContexts | null, clustered = false): RankingFeatures | null {
  if (contexts === null || contexts.features.length === 0) return null;
  const { features, ofCustomer, weight } = contexts;
  const sizes = new Float64Array(contexts.contexts.length);
  for (const [customer, context] of ofCustomer.entries()) sizes[context]! += weight?.[customer] ?? 1;
  const customers = sizes.reduce((sum, size) => sum + size, 0);
  const shares = features.map(({ levels }) => levels.map(() => 0));
  for (const [at, context] of contexts.contexts.entries()) {
    for (const [f, { levels }] of features.entries()) {
      const level = levels.indexOf(context[f]!);
      if (level >= 0) shares[f]![level]! += sizes[at]! / customers;
    }
  }
  return { features, shares, ...(clustered && { clusters: features.length - 1 }) };
}
