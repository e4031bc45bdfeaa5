import { type Feature, levelsOfAll } from '@basketwise/core';
import type { CustomerContexts } from '../campaigns/customer-contexts.ts';

/** Features that models rank by, and the share of customers with each level of each feature. */
export interface RankingFeatures {
  features: readonly Feature[];
  shares: readonly (readonly number[])[];
  /** Position of the feature that is the cluster. Absent: there is no cluster feature. */
  clusters?: number;
}

/** Returns a customer's levels, numbered over all features: one number per feature that has a level for the customer. */
export type LevelsOfCustomer = (customer: number) => readonly number[];

/** Returns the levels of a bank's customers as of a date. Customers without features have no levels. */
export function customerLevels(contexts: CustomerContexts | null): LevelsOfCustomer {
  if (contexts === null) return () => [];
  const { features, ofCustomer } = contexts;
  const levels = levelsOfAll(features, contexts);
  return (customer) => {
    const from = ofCustomer[customer]! * features.length;
    return Array.from(levels.subarray(from, from + features.length)).filter((level) => level >= 0);
  };
}

/**
 * Features to rank by, with the shares of their levels. Effects of features are centred on these shares. Null if there are no features.
 * @param clustered whether the last feature is the cluster
 */
export function rankingFeatures(contexts: CustomerContexts | null, clustered = false): RankingFeatures | null {
  if (contexts === null || contexts.features.length === 0) return null;
  const { features, codes, ofCustomer, weight } = contexts;
  const sizes = new Float64Array(codes.length / features.length);
  for (const [customer, context] of ofCustomer.entries()) sizes[context]! += weight?.[customer] ?? 1;
  const customers = sizes.reduce((sum, size) => sum + size, 0);
  const shares = features.map(({ levels }) => levels.map(() => 0));
  for (const [at, size] of sizes.entries()) {
    for (let f = 0; f < features.length; f++) {
      const level = codes[at * features.length + f]!;
      if (level >= 0) shares[f]![level]! += size / customers;
    }
  }
  return { features, shares, ...(clustered && { clusters: features.length - 1 }) };
}
