import { baseName } from '@basketwise/core/parts';
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
  const replaced = new Map(Object.entries(instead));
  const replacing = new Set(replaced.values());
  const renamed = (campaign: string) => replaced.get(campaign) ?? campaign;
  const campaigns = Object.entries(offers.campaigns).map(([campaign, own]) => [renamed(campaign), own] as const);
  const partOf = (limit: number | undefined) => (limit === undefined ? undefined : Math.round(limit * share));
  const restOf = (limit: number | undefined) => (limit === undefined ? undefined : limit - partOf(limit)!);
  const capacity = experiment.capacity ?? renamedCapacities(offers.capacity, renamed);
  return [
    {
      ...{ name: baseName, place: 'offers.capacity', arms, has: (campaign) => !replacing.has(campaign) },
      offers: { ...offers, capacity: limited(offers.capacity, restOf) },
    },
    {
      ...{ name, place: experiment.capacity ? 'offers.experiment.capacity' : 'offers.capacity' },
      ...{ arms: [`offered ${name}`, `control ${name}`], has: (campaign) => !replaced.has(campaign) },
      offers: {
        ...{ value, per_customer, capacity: limited(capacity, partOf) },
        campaigns: { ...offers.campaigns, ...Object.fromEntries(campaigns) },
      },
    },
  ];
}

function renamedCapacities(capacities: OfferTerms['capacity'], renamed: (campaign: string) => string): OfferTerms['capacity'] {
  return Object.fromEntries(
    Object.entries(capacities).map(([name, one]) => [
      name,
      one.campaigns ? { ...one, campaigns: one.campaigns.map(renamed) } : one,
    ]),
  );
}

function limited(
  capacities: OfferTerms['capacity'],
  part: (limit: number | undefined) => number | undefined,
): OfferTerms['capacity'] {
  return Object.fromEntries(
    Object.entries(capacities).map(([name, one]) => [name, { ...one, most: part(one.most), least: part(one.least) }]),
  );
}
