import { automatic, kindOf, type ModelSpec, needsAcquisitions } from '@basketwise/core/kinds';

/** A campaign's model as its plan names it: a kind, and the settings of the automatic choice. */
export interface PlannedModel {
  kind: string;
  /** Weight of the constant pseudo-product; 0: baskets have none. Default 1. */
  constant?: number | undefined;
  /** Customers used by the automatic choice, and the seed of their sample. */
  sample?: number | undefined;
  seed?: number | undefined;
  /** Its component models, if configured. */
  members?: readonly unknown[] | undefined;
}

/** A campaign with all defaults written out. */
export interface CampaignPlan {
  name: string;
  kind: 'upsell' | 'cross';
  /** The class whose products are recommended. */
  class: string;
  /** Classes whose products are columns of the baskets. */
  columns: readonly string[];
  /** Cluster scheme; null: one model for all customers, without clusters. */
  scheme: string | null;
  /** Whether the scheme's clusters shift one common model (partial pooling), or have a model each. */
  pooling: 'partial' | 'none';
  /** Training customers: all with a basket, or holders of the class. */
  train: 'all' | 'holders';
  model: PlannedModel;
  /** The model to fit; null: learned in each run. */
  spec: ModelSpec | null;
  /** Positions of the rules that apply to the class. */
  rules: readonly number[];
}

/** The kind chosen by the automatic choice, which is no kind of model itself. */
export const automaticKind = automatic.kind;

/** Default number of customers used by the automatic choice, and the seed of their sample. */
export const usualSample = { sample: automatic.parameters.sample.usual, seed: automatic.parameters.seed.usual };

/** Whether a model, or its weights, are learned in each run: the automatic choice, and next-purchase without configured components. */
export function isLearned({ kind, members }: Pick<PlannedModel, 'kind' | 'members'>): boolean {
  return kind === automaticKind || (kind === 'next-purchase' && members === undefined);
}

/** Whether clusters may shift one common model: it is learned in each run, or its components estimate better than counts of one cluster. */
export function isPooled(model: Pick<PlannedModel, 'kind' | 'members'>): boolean {
  return isLearned(model) || kindOf(model.kind).pooled === true;
}

/** A campaign whose `scheme`, `pooling` and `train` may be absent. */
type NamedCampaign = Pick<CampaignPlan, 'name' | 'kind' | 'class' | 'columns'> & {
  scheme?: string | undefined;
  pooling?: CampaignPlan['pooling'] | undefined;
  train?: CampaignPlan['train'] | undefined;
};

/**
 * Writes out the defaults of a campaign.
 * @param specOf the spec of its model, unless it is learned in each run
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

/** Whether a campaign's model may learn from dated purchases. */
export function learnsFromDates({ spec }: Pick<CampaignPlan, 'spec'>): boolean {
  return spec === null || needsAcquisitions(spec);
}
