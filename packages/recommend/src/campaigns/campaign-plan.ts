import { automatic, kindOf, type ModelSpec, needsAcquisitions } from '@basketwise/core/kinds';

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
  { name, kind, class: of, columns, scheme, pooling, train }: NamedCampaign,
  model: Named,
  specOf: (model: Named) => ModelSpec,
  rules: readonly number[] = [],
): CampaignPlan {
  const spec = isLearned(model) ? null : specOf(model);
  return {
    ...{ name, kind, class: of, columns, scheme: scheme ?? null },
    pooling: pooling ?? (isPooled(model) ? 'partial' : 'none'),
    train: train ?? (kind === 'upsell' ? 'holders' : 'all'),
    ...{ model, spec, rules },
  };
}

/** Whether a campaign's model can learn from dated purchases. */
export function learnsFromDates({ spec }: Pick<CampaignPlan, 'spec'>): boolean {
  return spec === null || needsAcquisitions(spec);
}
