import type { AlsOptions } from '../als/als.ts';
import type { BlendMember } from '../models/blend.ts';
import type { Model, ModelState } from '../models/model.ts';
import type { LearningData } from './learning-data.ts';

/** Specs of models by kind: the file of each kind adds its own. @public */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by `declare module` in the file of each kind
export interface SpecOfKind {}

/** Spec of a model, as plain JSON values: what tuning chooses and a config names. */
export type ModelSpec = SpecOfKind[keyof SpecOfKind];

/** How a model is fitted, and the models inside it. */
interface FitTools {
  /** Those of ALS. */
  options: AlsOptions;
  /** Fits a model that this one is built of, on its data or on `own`; twice the same spec is one fit. */
  fitInner(spec: ModelSpec, own?: LearningData): Promise<Model>;
}

/** How a fit went, for the report; null for kinds that have no such thing. */
export interface FitSummary {
  factors: number | null;
  /** Objective after the last sweep, and the sweeps it took. */
  objective: number | null;
  iterations: number | null;
}

/** How models of a kind are fitted by their specs, and made again of what was saved of them. */
export interface KindFit<Kind extends string, Spec> {
  kind: Kind;
  /** Whether it is made for those who hold nothing, too, as it counts what they buy; absent: popular products serve them. */
  servesAll?: true;
  /** Whether one model of all serves every cluster unless separate ones are asked for, as its parts know better than counts of one cluster. */
  pooled?: true;
  /** How its scores enter a blend: shares by their logarithm, sums as they are. */
  blendScale: BlendMember['scale'];
  /** @throws AppError config where a parameter is out of range, or the model needs dates that there are not */
  fit(data: LearningData, spec: Spec, tools: FitTools): Promise<Model> | Model;
  /**
   * The model that `state()` of one of this kind described; `inner` does the same for a model that it is built of, of any kind.
   * @throws AppError bad-data where the state is not complete
   */
  restore(state: ModelState, inner: (state: ModelState) => Model): Model;
  /** Fits specs of one family for the work of one; absent: every spec is a family of its own. */
  family?: {
    /** The same for specs of one family. */
    key(spec: Spec): string;
    fit(data: LearningData, specs: readonly Spec[]): Promise<Model[]>;
  };
  /** The spec with each model that it is built of replaced; absent where there are none. */
  mapInner?(spec: Spec, change: (inner: ModelSpec) => ModelSpec): Spec;
  /** The spec, chosen on some customers, for `ratio` times as many; absent where nothing in it depends on their number. */
  scale?(spec: Spec, ratio: number): Spec;
  /** The spec with about a share of its iterations, at least `least`; absent where it has none. */
  shorten?(spec: Spec, share: number, least: number): Spec;
  /** Whether it learns from acquisitions with dates; absent: no. */
  needsAcquisitions?(spec: Spec): boolean;
  summary?(model: Model): FitSummary;
  /** Similarity of every column to one; absent for kinds that compare no products. */
  similarities?(state: ModelState, column: number): Float64Array;
}

/** Any kind's. */
export type AnyFit = KindFit<string, ModelSpec>;

/** Declares how models of a kind are fitted. */
export function defineFit<const Kind extends keyof SpecOfKind>(
  fit: KindFit<Kind, SpecOfKind[Kind]>,
): KindFit<Kind, SpecOfKind[Kind]> {
  return fit;
}
