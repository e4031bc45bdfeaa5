import { automatic, type ModelSpec, needsAcquisitions } from '@basketwise/core/kinds';

/** Model of a campaign as its plan names it: a kind, and the settings of the automatic choice. */
export interface PlannedModel {
  kind: string;
  /** Weight of the constant pseudo-product. 0: baskets have none. Default 1. */
  constant?: number | undefined;
  /** Number of customers used by the automatic choice. The next field is the seed of their sample. */
  sample?: number | undefined;
  seed?: number | undefined;
  /** Component models, if configured. */
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
  /** Whether the scheme's clusters shift one common model (partial pooling), or have a model each. */
  pooling: 'partial' | 'none';
  /** Training customers: all with a basket, or only holders of the class. */
  train: 'all' | 'holders';
  model: PlannedModel;
  /** Spec of the model to fit; null: learned in each run. */
  spec: ModelSpec | null;
  /** Positions of the rules that apply to the class. */
  rules: readonly number[];
}

/** Name of the automatic choice, used in place of a kind of model. */
export const automaticKind = automatic.kind;

/** Default number of customers used by the automatic choice, and the seed of their sample. */
export const usualSample = { sample: automatic.parameters.sample.usual, seed: automatic.parameters.seed.usual };

/**
 * Whether each run learns a model or its weights: with the automatic choice, and with next-purchase without configured
 * components.
 */
export function isLearned({ kind, members }: Pick<PlannedModel, 'kind' | 'members'>): boolean {
  return kind === automaticKind || (kind === 'next-purchase' && members === undefined);
}

/** Whether a campaign's model can learn from dated purchases. */
export function learnsFromDates({ spec }: Pick<CampaignPlan, 'spec'>): boolean {
  return spec === null || needsAcquisitions(spec);
}
