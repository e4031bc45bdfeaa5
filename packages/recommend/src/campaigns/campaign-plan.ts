import { AppError, automatic, kindOf, type ModelSpec, needsAcquisitions, type Product } from '@basketwise/core';

/** Model of a campaign as its plan names it: a kind, and for the automatic choice its settings. */
export interface PlannedModel {
  kind: string;
  /** Weight of the constant pseudo-product. 0: baskets have no constant. Default 1. */
  constant?: number | undefined;
  /** Number of customers in the sample of the automatic choice. */
  sample?: number | undefined;
  /** Seed of the sample of customers. */
  seed?: number | undefined;
  /** Component models of a next-purchase model, if configured. */
  members?: readonly unknown[] | undefined;
}

/** Campaign with all defaults written out. */
export interface CampaignPlan {
  name: string;
  kind: 'upsell' | 'cross';
  /** Class whose products are recommended. */
  class: string;
  /** Classes whose products are columns of the baskets. */
  columns: readonly string[];
  /** Cluster scheme. Null: one model for all customers, without clusters. */
  scheme: string | null;
  /** How clusters share a model. `partial`: one common model, shifted by cluster (partial pooling). `none`: a model per cluster. */
  pooling: 'partial' | 'none';
  /** Training customers. `all`: all customers with a basket. `holders`: only customers who hold a product of the class. */
  train: 'all' | 'holders';
  model: PlannedModel;
  /** Specification of the model to fit. Null: each run learns it. */
  spec: ModelSpec | null;
  /** Positions in `config.rules` of the rules that apply to the campaign's class. */
  rules: readonly number[];
  /** Rules that withhold only some products, with the codes of these products. All other rules exclude customers from the whole campaign. */
  withheld?: readonly { rule: number; products: readonly string[] }[] | undefined;
}

/** Name of the automatic choice, used in place of a kind of model. */
export const automaticKind = automatic.kind;

/** Default size and seed of the customer sample of the automatic choice. */
export const usualSample = { sample: automatic.parameters.sample.usual, seed: automatic.parameters.seed.usual };

/** Whether each run learns the model or its weights. True for the automatic choice, and for next-purchase without configured components. */
export function isLearned({ kind, members }: Pick<PlannedModel, 'kind' | 'members'>): boolean {
  return kind === automaticKind || (kind === 'next-purchase' && members === undefined);
}

/**
 * Whether clusters can shift one common model. True for a model that each run learns, and for kinds (`pooled`) whose counts need the customers of all
 * clusters.
 */
export function isPooled(model: Pick<PlannedModel, 'kind' | 'members'>): boolean {
  return isLearned(model) || kindOf(model.kind).pooled === true;
}

/** Campaign in which `scheme`, `pooling` and `train` can be absent. */
type NamedCampaign = Pick<CampaignPlan, 'name' | 'kind' | 'class' | 'columns'> & {
  scheme?: string | undefined;
  pooling?: CampaignPlan['pooling'] | undefined;
  train?: CampaignPlan['train'] | undefined;
};

/**
 * Writes out the defaults of a campaign.
 * @param specOf returns the specification of the model; not called if each run learns it
 * @param rules see `CampaignPlan.rules`
 */
export function planCampaign<Named extends PlannedModel>(
  { name, kind, class: className, columns, scheme, pooling, train }: NamedCampaign,
  model: Named,
  specOf: (model: Named) => ModelSpec,
  rules: readonly number[] = [],
): CampaignPlan {
  const spec = isLearned(model) ? null : specOf(model);
  return {
    ...{ name, kind, class: className, columns, scheme: scheme ?? null },
    pooling: pooling ?? (isPooled(model) ? 'partial' : 'none'),
    train: train ?? (kind === 'upsell' ? 'holders' : 'all'),
    ...{ model, spec, rules },
  };
}

/** Whether a campaign's model can learn from dated purchases. */
export function learnsFromDates({ spec }: Pick<CampaignPlan, 'spec'>): boolean {
  return spec === null || needsAcquisitions(spec);
}

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

/** Keys of the equivalence groups of a class, or of all classes, with a product whose sale has begun. Holdings of others count nowhere. */
export function begunGroups(products: readonly Product[], name?: string): ReadonlySet<string> {
  const begun = products.filter((product) => !product.upcoming && (name === undefined || product.class === name));
  return new Set(begun.map(({ groupKey }) => groupKey));
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
  const columnProducts = products.filter((product) => wanted.has(product.class) && !product.upcoming);
  const keyed = new Set(columnProducts.map((product) => product.groupKey));
  const columnOf = new Map<string, number>();
  for (const { groupKey } of products) if (keyed.has(groupKey) && !columnOf.has(groupKey)) columnOf.set(groupKey, columnOf.size);
  const recommended = new Map<string, number>();
  for (const { groupKey, representative } of products) {
    if (representative !== null && products[representative]!.class === plan.class) recommended.set(groupKey, representative);
  }
  return {
    keys: [...columnOf.keys()],
    projection: Int32Array.from(products, (product) => columnOf.get(product.groupKey) ?? -1),
    ofClass: begunGroups(products, plan.class),
    recommended,
  };
}
