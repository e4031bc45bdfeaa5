import type { AlsOptions } from '../als/als.ts';
import type { Model, ModelState, ScoreScale } from '../models/model.ts';
import type { LearningData } from './learning-data.ts';

/** Settings of a parameter besides its name and value. */
interface ParameterTraits {
  /** Meaning of the parameter, as a sentence for the reference of the config. */
  about?: string;
  /** Omitted from the spec if it has its usual value. */
  quiet?: true;
  /** Part of the spec only together with this parameter. */
  with?: string;
  /** Read when a campaign is planned; not part of the spec. */
  planned?: true;
}

/** A parameter of a kind of model: its values, and its default. Without `usual` the default is absent. */
export type Parameter = ParameterTraits &
  (
    | { is: 'whole'; from: number; to: number; usual?: number }
    | { is: 'number'; from?: number; above?: number; to?: number; usual?: number }
    | { is: 'one of'; of: readonly string[]; usual?: string }
    | { is: 'flag'; usual?: boolean }
    /** The model that this one is built on. */
    | { is: 'base'; usual: NamedModel }
    /** Component models, with a weight each; `scaled`: and with the scale of their scores. */
    | { is: 'members'; needed: boolean; scaled: boolean }
  );

/** Parameters by name, in the order of the spec. Names are camel case; a config writes them in snake case. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** A model as configured: its kind, and parameters that may be omitted. */
export interface NamedModel {
  kind: string;
  [parameter: string]: unknown;
}

/** A model inside another one, of any kind. */
export interface InnerSpec {
  readonly kind: string;
}

/** A component of a blend. */
export interface BlendMemberSpec<Inner = InnerSpec> {
  model: Inner;
  scale: ScoreScale;
  weight: number;
}

/** A component of a next-purchase model. @public */
export interface NextPurchaseMemberSpec<Inner = InnerSpec> {
  model: Inner;
  weight: number;
  /** Its weights for customers with none, one, two or more recommendable products; absent: `weight` for all. */
  byTier?: readonly number[];
  /** Whether its level (see `memberLevel`) is subtracted from its scores. */
  lessLevel?: true;
}

/** Type of the specs inside a spec; an interface, as the type of all specs is recursive. @public */
export interface InnerType {
  spec: unknown;
}

/** Type of a parameter's value. */
export type ValueOf<P, Inner extends InnerType> = P extends { is: 'whole' | 'number' }
  ? number
  : P extends { is: 'one of'; of: readonly (infer Word)[] }
    ? Word
    : P extends { is: 'flag' }
      ? boolean
      : P extends { is: 'base' }
        ? Inner['spec']
        : P extends { is: 'members'; scaled: true }
          ? readonly BlendMemberSpec<Inner['spec']>[]
          : readonly NextPurchaseMemberSpec<Inner['spec']>[];

type IsOptional<P> = P extends { quiet: true } | { with: string }
  ? true
  : P extends { usual: unknown } | { is: 'members' }
    ? false
    : true;
type NamesOf<P, Optional> = {
  [Name in keyof P]: P[Name] extends { planned: true } ? never : IsOptional<P[Name]> extends Optional ? Name : never;
}[keyof P];

/** Spec of a model, as plain JSON values: the result of tuning or part of a config. `Inner` is the type of models inside it. */
export type SpecOf<Kind, P, Fixed, Inner extends InnerType = { spec: InnerSpec }> = { kind: Kind } & {
  [Name in NamesOf<P, false>]: ValueOf<P[Name], Inner>;
} & { [Name in NamesOf<P, true>]?: ValueOf<P[Name], Inner> } & Fixed;

/** Settings of a fit, and of the models inside it. */
interface FitTools {
  /** Options of ALS. */
  options: AlsOptions;
  /** Fits a component model, on this model's data or on `own`; equal specs share one fit. */
  fitInner(spec: InnerSpec, own?: LearningData): Promise<Model>;
}

/** Statistics of a fit, for the report; null for kinds without any. */
export interface FitSummary {
  factors: number | null;
  /** Objective after the last sweep, and the number of sweeps. */
  objective: number | null;
  iterations: number | null;
}

/**
 * Definition of a kind of model. A new kind is a file with one definition and a line in kinds.ts. Commands that fit no models read it too,
 * so fitting and scoring code is imported on demand.
 */
export interface KindDefinition<Kind extends string, P extends Parameters, Fixed, Spec = SpecOf<Kind, P, Fixed>> {
  kind: Kind;
  /** Meaning of the kind, as a sentence for the reference of the config; pages are named as `docs/PAGE.md`. */
  about: string;
  parameters: P;
  /** Fields of a spec besides its parameters, as in a config. */
  fixed?: Fixed;
  /** Whether it may be part of other models: as the base of one and as a component of a blend, as a component only, or not at all. */
  part: 'base' | 'member' | 'none';
  /** Whether it also serves customers without holdings, because it counts their purchases; absent: popular products serve them. */
  servesAll?: true;
  /**
   * Whether one model of all customers serves every cluster by default, as its components estimate better than the counts of one cluster.
   */
  pooled?: true;
  /** Scale of its scores in a blend: logarithm for shares, unchanged for sums. */
  blendScale: ScoreScale;
  /** @throws AppError config if a parameter is out of range, or the model needs dates and holdings have none */
  fit(data: LearningData, spec: Spec, tools: FitTools): Promise<Model>;
  /**
   * The model of a state that `state()` of this kind returned; `inner` restores a component model of any kind.
   * @throws AppError bad-data if the state is not complete
   */
  restore(state: ModelState, inner: (state: ModelState) => Promise<Model>): Promise<Model>;
  /** Fits specs of one family for the work of one; absent: each spec is fitted alone. */
  family?: {
    /** The same for specs of one family. */
    key(spec: Spec): string;
    fit(data: LearningData, specs: readonly Spec[]): Promise<Model[]>;
  };
  /** The spec, chosen on a sample of the customers, for `ratio` times as many; absent if no parameter depends on their number. */
  scale?(spec: Spec, ratio: number): Spec;
  /** The spec with a share of its iterations, at least `least`; absent if it has none. */
  shorten?(spec: Spec, share: number, least: number): Spec;
  /** Whether it learns from purchases with dates; absent: no. */
  needsAcquisitions?(spec: Spec): boolean;
  summary?(model: Model): FitSummary;
  /** Warnings of values that are allowed but hardly intended: the parameter, and the reason. `weights` are those of the recency bands. */
  doubts?(spec: Spec, weights: readonly number[]): { parameter: string; message: string }[];
}

/** Declares a kind of model. */
export function defineKind<const Kind extends string, const P extends Parameters, const Fixed = unknown>(
  definition: KindDefinition<Kind, P, Fixed>,
): KindDefinition<Kind, P, Fixed> {
  return definition;
}
