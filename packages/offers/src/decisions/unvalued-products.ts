import { createInlinePool, type Product } from '@basketwise/core/parts';
import { decideVariants } from './decide-offers.ts';
import { offeredItems, ProductCodes } from './items.ts';
import { productsWithoutValue } from './joined-lists.ts';
import { nothingRests } from './resting.ts';
import { type ListEntry, singleList } from './single-list.ts';
import type { OfferTerms } from './terms.ts';
import { variantsOf } from './variants.ts';

/**
 * Products on sale that have no value. (A run stops only if it recommends such a product.)
 * Makes the decision of a run for zero customers, to check the names of products and classes in the config's offers.
 * @throws AppError config for an unknown product or class, as the decision of a run does
 */
export async function unvaluedProducts(
  products: readonly Product[],
  offers: OfferTerms,
  campaigns: readonly { name: string; class: string }[],
): Promise<readonly Product[]> {
  const codes = new ProductCodes(products);
  // Values from a column are checked when the column is read, so any value serves here.
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

/** List of all products of a class that are on sale, except `without`. */
function onSale(products: readonly Product[], of: string, without: readonly Product[]): ListEntry[] {
  const offered = products.filter((one) => one.class === of && one.representative === one.product);
  return offered.filter((one) => !without.includes(one)).map(({ product }) => ({ product, probability: 0 }));
}
