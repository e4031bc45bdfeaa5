import { automatic, type ModelSpec, needsAcquisitions } from '@basketwise/core/kinds';

/** A campaign's model as its plan names it: a kind, and what the choice among models has to know of it. */
export interface PlannedModel {
  kind: string;
  /** Weight of the constant pseudo-product; 0: baskets have none. Default 1. */
  constant?: number | undefined;
  /** Customers that a choice looks at, and the seed of their sample. */
  sample?: number | undefined;
  seed?: number | undefined;
  /** Models that it is built of, where they were named. */
  members?: readonly unknown[] | undefined;
}

/** A campaign with everything that is implied written out. */
export interface CampaignPlan {
  name: string;
  kind: 'upsell' | 'cross';
  /** The class whose products are recommended. */
  class: string;
  /** Classes whose products are columns of the baskets. */
  columns: readonly string[];
  /** Cluster scheme; null: customers are not told apart. */
  scheme: string | null;
  /** Whether the scheme's clusters shift one model of all, as far as the past says, or have a model each. */
  pooling: 'partial' | 'none';
  /** Who trains: everybody in the baskets, or holders of the class. */
  train: 'all' | 'holders';
  model: PlannedModel;
  /** The model to fit; null: it is learned each night. */
  spec: ModelSpec | null;
  /** Positions of the rules that hold for the class. */
  rules: readonly number[];
}

/** The kind that is chosen among models; no kind of model itself. */
export const automaticKind = automatic.kind;

/** Customers that a choice looks at where nothing else is said, and the seed of their sample. */
export const usualSample = { sample: automatic.parameters.sample.usual, seed: automatic.parameters.seed.usual };

/** Whether a model, or its weights, are learned each night: the choice among models, and next-purchase without members of its own. */
export function isLearned({ kind, members }: Pick<PlannedModel, 'kind' | 'members'>): boolean {
  return kind === automaticKind || (kind === 'next-purchase' && members === undefined);
}

/** Whether a campaign's model may learn from dated acquisitions. */
export function learnsFromDates({ spec }: Pick<CampaignPlan, 'spec'>): boolean {
  return spec === null || needsAcquisitions(spec);
}
