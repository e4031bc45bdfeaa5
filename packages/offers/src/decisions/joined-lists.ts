import { AppError, type CampaignResults, type Product, required } from '@basketwise/core';

import type { OfferProblem } from '../allocation/offer-problem.ts';
import { type OfferedItems, type ProductCodes, worthOfProducts } from './items.ts';
import type { Variant } from './variants.ts';

/** Lists of all campaigns, with their probabilities, and the source of their values. */
export interface ListedOffers {
  campaigns: readonly CampaignResults[];
  products: readonly Product[];
  codes: ProductCodes;
  /** Value of each product from a column of the products table; undefined if the config has the values. */
  values: readonly (number | null)[] | undefined;
  items: OfferedItems;
}

/** Lists of all campaigns, joined in one set of arrays. List 0 is empty. */
export interface OfferLists extends Pick<OfferProblem, 'start' | 'item' | 'worth'> {
  probability: Float32Array;
  value: Float32Array;
  /** Reason of each entry: position in `reasons`, -1 without a reason. */
  reason: Int32Array;
  reasons: string[];
  /** Number of the first list of each campaign. */
  first: number[];
}

/** Joins the lists of all campaigns. @throws AppError config if an offer has no value, bad-data if it has no probability */
export function joinLists({ campaigns, items, products, values, codes }: ListedOffers, { offers, has }: Variant): OfferLists {
  const entries = campaigns.reduce((sum, { units }) => sum + units.product.length, 0);
  const rows = campaigns.reduce((sum, { units }) => sum + units.start.length - 1, 0);
  const worth = worthOfProducts(offers, products, values, codes);
  const joined: OfferLists = {
    ...{ start: new Uint32Array(rows + 2), item: new Uint32Array(entries), worth: new Float32Array(entries) },
    ...{ probability: new Float32Array(entries), value: new Float32Array(entries), reason: new Int32Array(entries).fill(-1) },
    ...{ reasons: [], first: [] },
  };
  const reasons = new Map<string, number>();
  let [row, at] = [1, 0];
  for (const [i, { campaign, units }] of campaigns.entries()) {
    const { product, probability, reason } = units;
    // Arrays are faster than maps for the millions of entries that are looked up.
    const numbers = Int32Array.from(products, (_, one) => items.numbers[i]!.get(one) ?? -1);
    const texts = (units.reasons ?? []).map((text) => {
      if (!reasons.has(text)) reasons.set(text, reasons.size);
      return required(reasons, text);
    });
    joined.first.push(row);
    for (let unit = 0; unit < units.start.length - 1; unit++) joined.start[row++] = at + units.start[unit]!;
    if (reason) for (let e = 0; e < product.length; e++) if (reason[e]! >= 0) joined.reason[at + e] = texts[reason[e]!]!;
    const isOffered = has(campaign);
    const fault = joinEntries(joined, at, { product, probability, numbers, worth, isOffered });
    if (fault !== null) {
      const faulty = product[fault]!;
      throw isOffered && Number.isNaN(worth[faulty]!) ? worthless(products[faulty]!) : improbable(campaign);
    }
    at += product.length;
  }
  joined.start[row] = at;
  joined.reasons = [...reasons.keys()];
  return joined;
}

/**
 * Distinct products in lists that a variant cannot offer only because they have no value.
 * @throws AppError config for a value of an unknown product or class
 */
export function productsWithoutValue(
  { campaigns, products, values, codes }: Omit<ListedOffers, 'items'>,
  variants: readonly Variant[],
): Product[] {
  const unvalued = new Set<Product>();
  for (const { offers, has } of variants) {
    const worth = worthOfProducts(offers, products, values, codes);
    for (const { units } of campaigns.filter(({ campaign }) => has(campaign)))
      for (const product of units.product) if (Number.isNaN(worth[product]!)) unvalued.add(products[product]!);
  }
  return [...unvalued];
}

/** List entries of a campaign, with the item and value of each product. */
interface CampaignEntries extends Pick<CampaignResults['units'], 'product' | 'probability'> {
  numbers: Int32Array;
  worth: Float64Array;
  isOffered: boolean;
}

/**
 * Writes the entries of a campaign to the joined lists, beginning at position `from`.
 * The loop is in a function of its own, for which V8 generates much faster code.
 * @returns position of the first entry without a value or probability; null if all entries have both
 */
function joinEntries(
  { item, worth: expected, value, probability: probable }: OfferLists,
  from: number,
  { product, probability, numbers, worth, isOffered }: CampaignEntries,
): number | null {
  for (let e = 0, at = from; e < product.length; e++, at++) {
    const productIndex = product[e]!;
    const productValue = worth[productIndex]!;
    const chance = probability ? probability[e]! : Number.NaN;
    if (Number.isNaN(chance) || (isOffered && Number.isNaN(productValue))) return e;
    item[at] = numbers[productIndex]!;
    expected[at] = isOffered ? productValue * chance : 0;
    value[at] = productValue;
    probable[at] = chance;
  }
  return null;
}

function worthless({ code, class: className }: Product): AppError {
  const what = `offers.value: product ${code} of class ${className} is recommended, but has no value`;
  return new AppError('config', what, 'Name it under products, or its class under classes, or give `others`.');
}

function improbable(campaign: string): AppError {
  const what = `offers: a recommendation of ${campaign} has no probability`;
  return new AppError(
    'bad-data',
    what,
    'Deliver holdings with dates of at least two windows, or without dates more customers with two products.',
  );
}

/** Entry of a list: product number, and the probability of its purchase. */
export interface ListEntry {
  product: number;
  probability: number;
}

/** Results of a campaign in which all customers have the same list, or no list if it is empty. @param customers number of customers */
export function singleList(campaign: string, entries: readonly ListEntry[], customers: number): CampaignResults {
  const { length } = entries;
  return {
    ...{ campaign, unit: new Int32Array(customers).fill(length > 0 ? 0 : -1) },
    units: {
      start: Uint32Array.of(0, length),
      product: Int32Array.from(entries, ({ product }) => product),
      probability: Float32Array.from(entries, ({ probability }) => probability),
      ...{ score: new Float32Array(length), source: new Uint8Array(length), sources: [''] },
    },
  };
}
