import { createInlinePool, type Product } from '@basketwise/core/parts';
import { decideVariants } from './decide-offers.ts';
import { offeredItems, ProductCodes } from './items.ts';
import { productsWithoutValue } from './joined-lists.ts';
import { nothingRests } from './resting.ts';
import { type ListEntry, singleList } from './single-list.ts';
import type { OfferTerms } from './terms.ts';
import { variantsOf } from './variants.ts';

/**
 * Products on sale without a value. A run stops only if it recommends one. Decides like a run, for no customers, to check the names
 * of products and classes in the offers.
 * @throws AppError config for an unknown product or class, as the decision of a run does
 */
export async function unvaluedProducts(
  products: readonly Product[],
  offers: OfferTerms,
  campaigns: readonly { name: string; class: string }[],
): Promise<readonly Product[]> {
  const codes = new ProductCodes(products);
  // a column of values is checked when it is read
  const values = products.map(() => 1);
  const variants = variantsOf(offers);
  const listed = (without: readonly Product[]) =>
    campaigns.map((plan) => singleList(plan.name, onSale(products, plan.class, without), 0));
  const unvalued = productsWithoutValue({ campaigns: listed([]), products, values, codes }, variants);
  const lists = listed(unvalued);
  await decideVariants({
    ...{ pool: createInlinePool(), products, codes, campaigns: lists, items: offeredItems(lists, codes, offers) },
    ...{ variants, inVariant: null, resting: nothingRests(0), values },
    groups: { group: new Uint32Array(0), groups: 1, of: () => [0] },
    drawing: Promise.resolve({ control: new Uint8Array(0), order: new Uint32Array(0) }),
  });
  return unvalued;
}

/** All products of a class on sale, but some. */
function onSale(products: readonly Product[], of: string, without: readonly Product[]): ListEntry[] {
  const offered = products.filter((one) => one.class === of && one.representative === one.product);
  return offered.filter((one) => !without.includes(one)).map(({ product }) => ({ product, probability: 0 }));
}
