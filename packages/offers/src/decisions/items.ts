import { AppError, type CampaignResults, type Product, replacedCampaign } from '@basketwise/core';
import type { OfferCapacity, OfferItem } from '../allocation/offer-problem.ts';
import type { CapacityTerms, OfferTerms } from './terms.ts';

/** Items: pairs of a campaign and a product in its lists, numbered. */
export interface OfferedItems {
  items: OfferItem[];
  /** For each campaign, the number of the item of each product. */
  numbers: ReadonlyMap<number, number>[];
  /** Campaign that a campaign replaces in an experiment, or the campaign itself. Limits, exclusions and cool-off periods count both as one. */
  countedAs(campaign: string): string;
}

/** Lookup of products by the bank's codes and classes, as a config names them. */
export class ProductCodes {
  readonly #byCode: ReadonlyMap<string, Product>;
  readonly #products: readonly Product[];

  constructor(products: readonly Product[]) {
    this.#products = products;
    this.#byCode = new Map(products.map((product) => [product.code, product]));
  }

  /** Product that is offered for a code: the product that represents its equivalence group. @throws AppError config for an unknown code */
  offered(code: string, place: string): number {
    const product = this.#byCode.get(code);
    if (product) return product.representative ?? product.product;
    throw new AppError(
      'config',
      `${place}: no product has the code \`${code}\``,
      'Name products as tables.products writes their codes.',
    );
  }

  /** Products of some classes. @throws AppError config for a class without products */
  ofClasses(classes: readonly string[], place: string): number[] {
    const classNames = new Set(this.#products.map((product) => product.class));
    const unknown = classes.find((name) => !classNames.has(name));
    if (unknown !== undefined)
      throw new AppError('config', `${place}: no product is of class \`${unknown}\``, 'Compare it with the products table.');
    return this.#products.filter((product) => classes.includes(product.class)).map(({ product }) => product);
  }
}

/** Numbers the items of all campaigns' lists, and marks the exclusive sets of each item. */
export function offeredItems(
  campaigns: readonly Pick<CampaignResults, 'campaign' | 'units'>[],
  codes: ProductCodes,
  { never_together: together, experiment }: Pick<OfferTerms, 'never_together' | 'experiment'>,
): OfferedItems {
  const countedAs = replacedCampaign(experiment?.instead);
  const sets = together.map(({ products, campaigns: named }, i) => ({
    products: new Set(products.map((code, at) => codes.offered(code, `offers.never_together[${i}].products[${at}]`))),
    campaigns: new Set(named.map(countedAs)),
  }));
  const items: OfferItem[] = [];
  const numbers = campaigns.map(({ campaign: name, units }, campaign) => {
    return new Map(
      listedProducts(units.product).map((product): [number, number] => {
        const bits = sets.reduce(
          (sum, set, bit) => (set.products.has(product) || set.campaigns.has(countedAs(name)) ? sum + 2 ** bit : sum),
          0,
        );
        items.push({ campaign, product, together: bits });
        return [product, items.length - 1];
      }),
    );
  });
  return { items, numbers, countedAs };
}

/** Distinct products in lists, ascending. @param product product of each list entry (millions of entries) */
function listedProducts(product: Int32Array): number[] {
  let most = -1;
  for (let e = 0; e < product.length; e++) most = Math.max(most, product[e]!);
  const isListed = new Uint8Array(most + 1);
  for (let e = 0; e < product.length; e++) isListed[product[e]!] = 1;
  return [...isListed.keys()].filter((one) => isListed[one] === 1);
}

/** Items that a capacity counts: the items of the campaigns, products and classes that it names. */
export function capacityItems(
  { items, countedAs }: OfferedItems,
  campaigns: readonly string[],
  codes: ProductCodes,
  capacity: CapacityTerms,
  place: string,
): OfferCapacity['items'] {
  const { products, classes } = capacity;
  const named = products && new Set(products.map((code, i) => codes.offered(code, `${place}.products[${i}]`)));
  const counted = capacity.campaigns && new Set(capacity.campaigns.map(countedAs));
  const ofClasses = classes && new Set(codes.ofClasses(classes, `${place}.classes`));
  return [...items.keys()].filter((item) => {
    const { campaign, product } = items[item]!;
    const isCampaign = counted?.has(countedAs(campaigns[campaign]!)) ?? true;
    return isCampaign && (named?.has(product) ?? true) && (ofClasses?.has(product) ?? true);
  });
}

/** Value of an accepted offer of each product, f64[products]; NaN for a product without a value in the config. */
export function worthOfProducts(
  offers: Pick<OfferTerms, 'value'>,
  products: readonly Product[],
  values: readonly (number | null)[] | undefined,
  codes: ProductCodes,
): Float64Array {
  const { value } = offers;
  if (typeof value === 'number') return new Float64Array(products.length).fill(value);
  if (typeof value === 'string') return Float64Array.from(products, (_, i) => values?.[i] ?? Number.NaN);
  const byClass = new Map(Object.entries(value.classes));
  codes.ofClasses([...byClass.keys()], 'offers.value.classes');
  const worths = Float64Array.from(products, (product) => byClass.get(product.class) ?? value.others ?? Number.NaN);
  for (const [code, worth] of Object.entries(value.products)) worths[codes.offered(code, 'offers.value.products')] = worth;
  return worths;
}
