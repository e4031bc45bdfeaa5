import { createInlinePool } from '@basketwise/core';
import { expect, test } from 'vitest';
import { decideVariants } from '../../../packages/offers/src/decisions/decide-offers.ts';
import { cases } from '../../cases.ts';
import { offerBank, randomArms } from '../../reference/offer-banks.ts';

/** Campaign for which the limits of the random banks count `a` and its replacement `c`. */
const pairOf = (campaign: string) => (campaign === 'c' ? 'a' : campaign);

/** Contacted customer with their offers. */
interface Contact {
  variant: number;
  branch: string;
  offers: { product: string; campaign: string }[];
}

async function contactsOf({ shape, inputs }: ReturnType<typeof offerBank>): Promise<Contact[]> {
  const arms = randomArms(7, shape.customers, shape.control);
  const { results } = await decideVariants({ ...inputs, pool: createInlinePool(), drawing: Promise.resolve(arms) });
  const { unit, start, product, campaign, arm } = results;
  return [...unit.keys()].flatMap((customer) => {
    const [from, to] = [start[unit[customer]!]!, start[unit[customer]! + 1]!];
    if (unit[customer]! < 0 || arm[from]! % 2 === 1) return [];
    const offers = Array.from({ length: to - from }, (_, e) => {
      return { product: `P${product[from + e]}`, campaign: inputs.campaigns[campaign[from + e]!]!.campaign };
    });
    return [{ variant: inputs.inVariant![customer]!, branch: String(inputs.groups.group[customer]), offers }];
  });
}

test('limits and exclusions that name a campaign or its replacement bind both variants', async () => {
  let bound = 0;
  for (let seed = 0; seed < cases(200, 40); seed++) {
    const bank = offerBank({
      ...{ seed, customers: 150, perCustomer: 2, lists: 25, levels: 6, branches: 2, capacities: 4, room: 1.2, control: 0.1 },
      ...{ together: true, experiment: true, isReplaced: true },
    });
    const contacts = await contactsOf(bank);
    for (const { variant, offers } of contacts) {
      expect(offers.map(({ campaign }) => campaign)).not.toContain(variant === 1 ? 'a' : 'c');
      expect(offers.filter(({ campaign }) => pairOf(campaign) === 'a').length).toBeLessThanOrEqual(1);
      for (const { products, campaigns } of bank.offers.never_together) {
        const named = campaigns.map(pairOf);
        const matches = offers.filter((offer) => products.includes(offer.product) || named.includes(pairOf(offer.campaign)));
        expect(matches.length).toBeLessThanOrEqual(1);
      }
    }
    for (const { most, products, campaigns, segment } of Object.values(bank.offers.capacity)) {
      const ofVariant = Math.round(most! * bank.offers.experiment!.share);
      for (const [variant, limit] of [most! - ofVariant, ofVariant].entries()) {
        const counted = contacts.filter(({ variant: drawn, branch }) => {
          return drawn === variant && (segment === undefined || segment.branch!.includes(branch));
        });
        const offers = counted
          .flatMap((contact) => contact.offers)
          .filter(({ product, campaign }) => {
            return (products?.includes(product) ?? true) && (campaigns?.map(pairOf).includes(pairOf(campaign)) ?? true);
          });
        expect(offers.length).toBeLessThanOrEqual(limit);
        if (campaigns && offers.length === limit && limit > 0) bound++;
      }
    }
  }
  expect(bound).toBeGreaterThan(cases(200, 40) / 10);
});
