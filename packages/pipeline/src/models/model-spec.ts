import type { BlendMember, PopularityOf, Similarity } from '@basketwise/core';

/** An ALS model. */
export type AlsSpec = Extract<ModelSpec, { kind: 'als' }>;

/** What a model is made of, as plain JSON values: what tuning chooses and a config names. */
export type ModelSpec =
  | {
      kind: 'als';
      factors: number;
      regularization: number;
      alpha: number;
      constant: number;
      iterations: number;
      tolerance?: number;
      seed?: number;
      start?: 'seeded' | 'svd';
      frequencyScaling?: number;
    }
  | { kind: 'bpr'; factors: number; regularization: number; learningRate?: number; iterations?: number; seed?: number }
  | { kind: 'ease'; regularization: number; constant: number; context: number }
  | { kind: 'item-knn'; similarity: Similarity; neighbours: number }
  | { kind: 'popularity'; of: PopularityOf; by?: 'context' | 'recency'; prior?: number }
  | { kind: 'rules'; minSupport: number; longest?: number }
  | { kind: 'lookup'; prior: number; base: ModelSpec }
  | { kind: 'lookup-next'; prior: number; byRecency: boolean; base: ModelSpec }
  | { kind: 'blend'; members: readonly BlendMemberSpec[] };

/** A member of a blend. */
export interface BlendMemberSpec {
  model: ModelSpec;
  scale: BlendMember['scale'];
  weight: number;
}

/** How a model's scores enter a blend: shares by their logarithm, sums as they are. */
export function scaleOf({ kind }: ModelSpec): BlendMember['scale'] {
  return kind === 'popularity' || kind === 'rules' || kind === 'lookup' || kind === 'lookup-next' ? 'log' : 'raw';
}

/** Whether a spec, or one inside it, needs acquisitions with dates. */
export function needsAcquisitions(spec: ModelSpec): boolean {
  if (spec.kind === 'lookup-next') return true;
  if (spec.kind === 'lookup') return needsAcquisitions(spec.base);
  if (spec.kind === 'blend') return spec.members.some(({ model }) => needsAcquisitions(model));
  return spec.kind === 'popularity' && spec.of !== 'holders';
}

/**
 * A spec that was chosen on some customers, for `ratio` times as many: a ridge that is added to counts of customers grows with them, in ALS,
 * where it falls on both sides, with their root.
 */
export function forMoreCustomers(spec: ModelSpec, ratio: number): ModelSpec {
  switch (spec.kind) {
    case 'als':
      return { ...spec, regularization: spec.regularization * Math.sqrt(ratio) };
    case 'ease':
      return { ...spec, regularization: spec.regularization * ratio };
    case 'lookup':
    case 'lookup-next':
      return { ...spec, base: forMoreCustomers(spec.base, ratio) };
    case 'blend':
      return { ...spec, members: spec.members.map((one) => ({ ...one, model: forMoreCustomers(one.model, ratio) })) };
    default:
      return spec;
  }
}
