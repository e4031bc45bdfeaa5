import { baseName, isOfferValue, mostOffers, offerValueText } from '@basketwise/core';
import { z } from 'zod';
import { column, name, number, productClass, share, span, text, whole } from '../values/schemas.ts';

const worth = number.min(0, 'expected at least 0').refine(isOfferValue, `expected ${offerValueText}`);
const few = whole(1, mostOffers);
const product = text.meta({ title: 'product' });

const worths = z.strictObject({
  products: z.record(product, worth).default({}).describe('Value by product code.'),
  classes: z.record(productClass, worth).default({}).describe('Value by class, for products without a value of their own.'),
  others: worth.optional().describe('Value of all other products.'),
});

/** Value of an accepted offer. */
const valueOfferSchema = z.union([column, worth, worths]);

/** Capacity: a limit on the number of offers that match all of its keys. */
const capacity = z.strictObject({
  most: whole(0).optional().describe('Largest number of offers that match.'),
  least: whole(0).optional().describe('Smallest number of offers that match. One out of reach is a warning.'),
  products: z.array(product).min(1, 'expected at least one product').optional().describe('Product codes that match.'),
  classes: z.array(productClass).min(1, 'expected at least one class').optional().describe('Classes that match.'),
  campaigns: z.array(name).min(1, 'expected at least one campaign').optional().describe('Campaigns that match.'),
  segment: z
    .record(name, z.union([text, z.array(text).min(1)]))
    .optional()
    .describe('Labels that match, by segment.'),
  cluster: z
    .record(name, z.union([whole(0), z.array(whole(0)).min(1)]))
    .optional()
    .describe('Cluster numbers that match, by scheme.'),
});

const contactsSchema = z
  .strictObject({
    answers: z
      .strictObject({
        refusal: z.array(text).default([]).describe('Answers that refuse the offer.'),
        purchase: z.array(text).default([]).describe('Answers that accept the offer.'),
      })
      .prefault({})
      .describe('Meanings of the answers in `tables.contacts`. Any other answer counts as none.'),
    rest: z
      .strictObject({
        offer: span.optional().describe('Time after an offer in which the product, or campaign, is not offered again.'),
        refusal: span.optional().describe('The same after a refusal.'),
        purchase: span.optional().describe('The same after a purchase.'),
        any: span.optional().describe('Time after any contact in which nothing is offered.'),
      })
      .prefault({})
      .describe('Cool-off periods.'),
    at_most: z
      .strictObject({
        offers: whole(1, 1000).describe('Largest number of contacts with a customer.'),
        within: span.describe('Time in which they are counted.'),
      })
      .optional()
      .describe('Largest number of contacts within a time.'),
  })
  .prefault({})
  .describe('Contact policy.');

const capacities = z.record(name, capacity);

/**
 * Experiment: a share of all customers get offers by other settings (the variant). Their purchases are compared with those of all other customers.
 */
const experiment = z.strictObject({
  name: name
    .refine((word) => word !== baseName, `expected another name: ${baseName} are the others`)
    .describe('Name of the variant; all other customers are `base`.'),
  share: share
    .refine((part) => part > 0 && part < 1, 'expected a share between 0 and 1')
    .describe('Share of the customers in the variant, above 0 and below 1.'),
  salt: text.describe('Text that draws them, together with the id.'),
  instead: z.record(name, name).default({}).describe('Campaigns of the variant, by the campaign that each replaces.'),
  value: z.union([worth, worths]).optional().describe('Value of an accepted offer in the variant; `offers.value` without it.'),
  per_customer: few.optional().describe('Largest number of offers to a customer in the variant.'),
  capacity: capacities
    .optional()
    .describe('Capacities of the variant, written as for all customers: the variant has its share of them.'),
});

/** Offers: values, limits, cool-off periods and the control. */
export const offersSchema = z
  .strictObject({
    value: valueOfferSchema.describe(
      'Value of an accepted offer: a column of the products table, a number for all, or values by product and class. 0 (never offered), or 1e-30 to 1e30.',
    ),
    unit: text.optional().describe('Unit of the values, as the report names it, such as `EUR`.'),
    rate: share
      .refine((rate) => rate > 0, 'expected a number above 0')
      .optional()
      .describe(
        'Purchases per customer and window, above 0 to 1. Needed where holdings have no dates; else their dates give it.',
      ),
    per_customer: few.default(1).describe('Largest number of offers to a customer, over all campaigns.'),
    campaigns: z
      .record(name, z.strictObject({ per_customer: few.describe('Largest number of offers of the campaign to a customer.') }))
      .default({})
      .describe('Further limits by campaign.'),
    capacity: capacities
      .default({})
      .describe(
        'Limits on the number of offers, by name. A capacity counts the offers that match all keys; without such keys, all offers.',
      ),
    contacts: contactsSchema,
    never_together: z
      .array(
        z.strictObject({
          products: z.array(product).default([]).describe('Product codes of the set.'),
          campaigns: z.array(name).default([]).describe('Campaigns of the set.'),
        }),
      )
      .max(31, 'expected at most 31 sets')
      .default([])
      .describe('Sets of which a customer is offered at most one product or campaign; at most 31 sets.'),
    experiment: experiment
      .optional()
      .describe('Variant of the decisions for a share of the customers (docs/offers.md#variants).'),
    control: z
      .strictObject({
        share: share
          .refine((part) => part < 1, 'expected a share below 1')
          .describe('Share of the customers in the control, below 1.'),
        salt: text.describe('Text that draws them, together with the id. Keep it while a campaign is measured.'),
      })
      .optional()
      .describe('Customers who are not contacted, to measure the effect (docs/offers.md#the-control).'),
  })
  .optional()
  .describe(
    'Decides which customers are offered which products, within limits (docs/offers.md). Without it there are lists alone.',
  );
