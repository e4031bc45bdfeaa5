import { baseName } from '@basketwise/core';
import type { OfferTerms } from './terms.ts';

/** Variant of the offers: settings for one part of the customers. */
export interface Variant {
  name: string;
  offers: Pick<OfferTerms, 'value' | 'per_customer' | 'campaigns' | 'capacity'>;
  /** Whether a campaign's lists can be offered. */
  has(campaign: string): boolean;
  /** Config key of the variant's capacities, for messages. */
  place: string;
  /** Names of the variant's two arms in files: contacted customers, control customers. */
  arms: readonly [string, string];
}

/**
 * Variants of the offers. Without an experiment, variant `base` has all customers.
 * With an experiment, the second variant has the customers of the experiment, and `base` has all other customers.
 * Each variant gets its share of every capacity, so that both can contact the same share of their customers.
 */
export function variantsOf(offers: OfferTerms): Variant[] {
  const { experiment } = offers;
  const arms = ['offered', 'control'] as const;
  if (!experiment) return [{ name: baseName, offers, has: () => true, place: 'offers.capacity', arms }];
  const { name, share, instead, value = offers.value, per_customer = offers.per_customer } = experiment;
  const replacements = new Set(Object.values(instead));
  const partOf = (limit: number | undefined) => (limit === undefined ? undefined : Math.round(limit * share));
  const restOf = (limit: number | undefined) => (limit === undefined ? undefined : limit - partOf(limit)!);
  return [
    {
      ...{ name: baseName, place: 'offers.capacity', arms, has: (campaign) => !replacements.has(campaign) },
      offers: { ...offers, capacity: limited(offers.capacity, restOf) },
    },
    {
      ...{ name, place: experiment.capacity ? 'offers.experiment.capacity' : 'offers.capacity' },
      ...{ arms: [`offered ${name}`, `control ${name}`], has: (campaign) => !Object.hasOwn(instead, campaign) },
      offers: { ...offers, value, per_customer, capacity: limited(experiment.capacity ?? offers.capacity, partOf) },
    },
  ];
}

function limited(
  capacities: OfferTerms['capacity'],
  part: (limit: number | undefined) => number | undefined,
): OfferTerms['capacity'] {
  return Object.fromEntries(
    Object.entries(capacities).map(([name, terms]) => [name, { ...terms, most: part(terms.most), least: part(terms.least) }]),
  );
}
