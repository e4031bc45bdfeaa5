import type { CalendarSpan } from '@basketwise/core';

/** Values of an accepted offer: one for all products, or by product and class. */
type OfferValues =
  | number
  | { products: Readonly<Record<string, number>>; classes: Readonly<Record<string, number>>; others?: number | undefined };

/** Capacity as configured: its limits, and the offers that it counts. */
export interface CapacityTerms {
  most?: number | undefined;
  least?: number | undefined;
  products?: readonly string[] | undefined;
  classes?: readonly string[] | undefined;
  campaigns?: readonly string[] | undefined;
  /** Labels of segments whose customers the capacity counts, by segment name. */
  segment?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Numbers of clusters whose customers the capacity counts, by name of the cluster scheme. */
  cluster?: Readonly<Record<string, number | readonly number[]>> | undefined;
}

/** Contact policy: cool-off periods. */
export interface ContactTerms {
  answers: { refusal: readonly string[]; purchase: readonly string[] };
  rest: Readonly<Partial<Record<'offer' | 'refusal' | 'purchase' | 'any', CalendarSpan | undefined>>>;
  at_most?: { offers: number; within: CalendarSpan } | undefined;
}

/** Settings of the decisions in a config. If `value` is a text, it names a column of the products table. */
export interface OfferTerms {
  value: string | OfferValues;
  per_customer: number;
  campaigns: Readonly<Record<string, { per_customer: number }>>;
  capacity: Readonly<Record<string, CapacityTerms>>;
  contacts: ContactTerms;
  never_together: readonly { products: readonly string[]; campaigns: readonly string[] }[];
  experiment?:
    | {
        name: string;
        share: number;
        salt: string;
        instead: Readonly<Record<string, string>>;
        value?: OfferValues | undefined;
        per_customer?: number | undefined;
        capacity?: Readonly<Record<string, CapacityTerms>> | undefined;
      }
    | undefined;
}
