import { AppError } from '@basketwise/core/error';
import type { Product } from '@basketwise/core/parts';
import type { CampaignPlan } from './campaign-plan.ts';

/** Columns of a campaign's baskets: one column per equivalence group of products. */
export interface CampaignColumns {
  /** Group key of each column, in the order of the products' codes. */
  keys: readonly string[];
  /**
   * Column of each product, i32[products]. -1 for products outside the campaign's columns: other classes, or sale starts after the reference date.
   */
  projection: Int32Array;
  /** Group keys with a product of the campaign's class. Customers with a product of such a group are holders of the class. */
  ofClass: ReadonlySet<string>;
  /** Product number to recommend, by group key. The product is on sale and of the campaign's class. */
  recommended: ReadonlyMap<string, number>;
}

/**
 * Creates the columns of a campaign.
 * @throws AppError config if one of the campaign's classes has no product
 */
export function campaignColumns(plan: CampaignPlan, products: readonly Product[]): CampaignColumns {
  const classes = new Set(products.map((product) => product.class));
  for (const wanted of plan.columns) {
    if (classes.has(wanted)) continue;
    throw new AppError(
      'config',
      `campaigns.${plan.name}: no product is of class \`${wanted}\``,
      `The products table has ${classes.size} others: compare its column of classes with the config.`,
    );
  }
  const wanted = new Set(plan.columns);
  const known = products.filter((product) => wanted.has(product.class) && !product.upcoming);
  const keyed = new Set(known.map((product) => product.groupKey));
  const columnOf = new Map<string, number>();
  for (const { groupKey } of products) if (keyed.has(groupKey) && !columnOf.has(groupKey)) columnOf.set(groupKey, columnOf.size);
  const recommended = new Map<string, number>();
  for (const { groupKey, representative } of products) {
    if (representative !== null && products[representative]!.class === plan.class) recommended.set(groupKey, representative);
  }
  return {
    keys: [...columnOf.keys()],
    projection: Int32Array.from(products, (product) => columnOf.get(product.groupKey) ?? -1),
    ofClass: new Set(products.filter((product) => product.class === plan.class).map((product) => product.groupKey)),
    recommended,
  };
}
