import { isOfferValue, mostOffers, offerValueText } from '@basketwise/core/kinds';
import { z } from 'zod';
import { column, name, number, share, span, text, whole } from '../values/schemas.ts';

const worth = number.min(0, 'expected at least 0').refine(isOfferValue, `expected ${offerValueText}`);
const few = whole(1, mostOffers);
/** Name of the customers who are in no variant. */
export const baseName = 'base';

const worths = z.strictObject({
  products: z.record(text, worth).default({}),
  classes: z.record(text, worth).default({}),
  /** Of all that is not named. */
  others: worth.optional(),
});

/** Worth of an offer that is accepted. */
const valueOfferSchema = z.union([column, worth, worths]);

/** Offers that a capacity counts: those to which all that is named applies. */
const capacity = z.strictObject({
  most: whole(0).optional(),
  least: whole(0).optional(),
  products: z.array(text).min(1, 'expected at least one product').optional(),
  classes: z.array(text).min(1, 'expected at least one class').optional(),
  campaigns: z.array(name).min(1, 'expected at least one campaign').optional(),
  segment: z.record(name, z.union([text, z.array(text).min(1)])).optional(),
  cluster: z.record(name, z.union([whole(0), z.array(whole(0)).min(1)])).optional(),
});

const contactsSchema = z
  .strictObject({
    /** Meanings of the answers of the contacts table; any other is an offer that was neither refused nor accepted. */
    answers: z.strictObject({ refusal: z.array(text).default([]), purchase: z.array(text).default([]) }).prefault({}),
    /** How long a product (or a campaign) is not offered again; `any`: how long nothing is, after whatever contact. */
    rest: z
      .strictObject({ offer: span.optional(), refusal: span.optional(), purchase: span.optional(), any: span.optional() })
      .prefault({}),
    /** Contacts to a customer within a time, at most. */
    at_most: z.strictObject({ offers: whole(1, 1000), within: span }).optional(),
  })
  .prefault({});

const capacities = z.record(name, capacity);

/** A variant of the decisions, of a share of all customers, that is held against the others. */
const experiment = z.strictObject({
  name: name.refine((word) => word !== baseName, `expected another name: ${baseName} are the others`),
  share: share.refine((part) => part > 0 && part < 1, 'expected a share between 0 and 1'),
  salt: text,
  /** Campaigns that stand in the place of others. */
  instead: z.record(name, name).default({}),
  value: z.union([worth, worths]).optional(),
  per_customer: few.optional(),
  /** Written as for all customers: the variant has its share of them. */
  capacity: capacities.optional(),
});

/** Who is offered what: worth, limits, rest and the control. */
export const offersSchema = z
  .strictObject({
    value: valueOfferSchema,
    per_customer: few.default(1),
    /** Further limits of single campaigns. */
    campaigns: z.record(name, z.strictObject({ per_customer: few })).default({}),
    capacity: capacities.default({}),
    contacts: contactsSchema,
    /** Sets of products and campaigns, of each of which a customer is offered one at most. */
    never_together: z
      .array(z.strictObject({ products: z.array(text).default([]), campaigns: z.array(name).default([]) }))
      .max(31, 'expected at most 31 sets')
      .default([]),
    experiment: experiment.optional(),
    control: z.strictObject({ share: share.refine((part) => part < 1, 'expected a share below 1'), salt: text }).optional(),
  })
  .optional();
