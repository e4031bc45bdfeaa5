import type { AlsOptions } from '../als/als.ts';
import type { Model, ModelState, ScoreScale } from '../models/model.ts';
import type { LearningData } from './learning-data.ts';

/** Settings of a parameter that do not depend on the type of its values. */
interface ParameterTraits {
  /** Meaning of the parameter: a sentence for the reference of the config. */
  about?: string;
  /** Whether a spec omits the parameter if it has its usual value. */
  quiet?: true;
  /** Name of another parameter. A spec contains this parameter only if it also contains the other one. */
  with?: string;
  /** Whether the parameter is for the planning of a campaign. It is then not part of the spec. */
  planned?: true;
}

/** Parameter of a kind of model: its possible values and its default, `usual`. A parameter without `usual` is absent by default. */
export type Parameter = ParameterTraits &
  (
    | { is: 'whole'; from: number; to: number; usual?: number }
    | { is: 'number'; from?: number; above?: number; to?: number; usual?: number }
    | { is: 'one of'; of: readonly string[]; usual?: string }
    | { is: 'flag'; usual?: boolean }
    /** Spec of the base model, whose scores the model refines. */
    | { is: 'base'; usual: NamedModel }
    /** Component models, each with a weight. If `scaled`, each component also names the scale of its scores. */
    | { is: 'members'; needed: boolean; scaled: boolean }
  );

/** Parameters by name, in the order of the spec. Names are camel case here and snake case in a config. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** Model as configured: its kind, and parameters, which can be omitted. */
export interface NamedModel {
  kind: string;
  [parameter: string]: unknown;
}

/** Spec of any kind of model inside the spec of another model. */
export interface InnerSpec {
  readonly kind: string;
}

/** Component of a blend. */
export interface BlendMemberSpec<Inner = InnerSpec> {
  model: Inner;
  scale: ScoreScale;
  weight: number;
}

/** Component of a next-purchase model. @public */
export interface NextPurchaseMemberSpec<Inner = InnerSpec> {
  model: Inner;
  weight: number;
  /** Weights for customers who hold none, one, two or more recommendable products. Absent: `weight` for all customers. */
  byTier?: readonly number[];
  /** Whether the level of the component (see `memberLevel`) is subtracted from its scores. */
  lessLevel?: true;
}

/** Type of the specs inside a spec. It is an interface, because the type of all specs is recursive. @public */
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

/** Spec of a model as plain JSON values: the result of tuning, or part of a config. `Inner` is the type of models inside it. */
export type SpecOf<Kind, P, Fixed, Inner extends InnerType = { spec: InnerSpec }> = { kind: Kind } & {
  [Name in NamesOf<P, false>]: ValueOf<P[Name], Inner>;
} & { [Name in NamesOf<P, true>]?: ValueOf<P[Name], Inner> } & Fixed;

/** Options of a fit, and a function that fits component models. */
interface FitTools {
  /** Options of ALS fits. */
  options: AlsOptions;
  /** Fits a component model, on the same data or on `own` if given. The same spec object is fitted only once. */
  fitInner(spec: InnerSpec, own?: LearningData): Promise<Model>;
}

/** Statistics of a fit, for the report. A statistic is null if the kind of model does not have it. */
export interface FitSummary {
  factors: number | null;
  /** Objective after the last sweep. */
  objective: number | null;
  iterations: number | null;
}

/**
 * Definition of a kind of model. A new kind is a file with one definition and a line in kinds.ts.
 * Commands that fit no models read it too, so it imports fitting and scoring code on demand.
 */
export interface KindDefinition<Kind extends string, P extends Parameters, Fixed, Spec = SpecOf<Kind, P, Fixed>> {
  kind: Kind;
  /** Meaning of the kind: a sentence for the reference of the config. It names pages as `docs/PAGE.md`. */
  about: string;
  parameters: P;
  /** Fields of a spec that no config sets, with their values in the spec of a configured model. */
  fixed?: Fixed;
  /** Role inside other models. `base`: base model or component. `member`: component only. `none`: no role. */
  part: 'base' | 'member' | 'none';
  /** Whether the model serves customers without holdings, from their purchases. Absent: these customers get popular products. */
  servesAll?: true;
  /**
   * Whether one model of all customers serves every cluster by default. The customers of one cluster are too few for components
   * that count purchases.
   */
  pooled?: true;
  /** Scale of the model's scores in a blend: `log` if they are shares, `raw` (unchanged) otherwise. */
  blendScale: ScoreScale;
  /** @throws AppError config if a parameter is out of range, or the model needs dates and holdings have none */
  fit(data: LearningData, spec: Spec, tools: FitTools): Promise<Model>;
  /**
   * Restores the model from its `state()`. `inner` restores a component model of any kind.
   * @throws AppError bad-data if the state is incomplete
   */
  restore(state: ModelState, inner: (state: ModelState) => Promise<Model>): Promise<Model>;
  /** Specs that share one fit. Absent: each spec has its own fit. */
  family?: {
    /** Key of a family: specs with equal keys share one fit. */
    key(spec: Spec): string;
    fit(data: LearningData, specs: readonly Spec[]): Promise<Model[]>;
  };
  /**
   * Adapts a spec that was chosen on a sample to `ratio` times as many customers. Absent: no parameter depends on the number of
   * customers.
   */
  scale?(spec: Spec, ratio: number): Spec;
  /** Reduces the iterations of a spec to a share of them, but not below `least`. Absent: the kind has no iterations. */
  shorten?(spec: Spec, share: number, least: number): Spec;
  /** Whether the model learns from purchases with dates. Absent: no. */
  needsAcquisitions?(spec: Spec): boolean;
  summary?(model: Model): FitSummary;
  /** Warnings about unusual parameter values. `weights` are the weights of the recency bands. */
  doubts?(spec: Spec, weights: readonly number[]): { parameter: string; message: string }[];
}

/** Declares a kind of model. It infers the types of the parameters. */
export function defineKind<const Kind extends string, const P extends Parameters, const Fixed = unknown>(
  definition: KindDefinition<Kind, P, Fixed>,
): KindDefinition<Kind, P, Fixed> {
  return definition;
}

/** Parameters shared by several kinds. Each kind sets its own default. */

/** Number of factors of a factorization. */
export const factors = { is: 'whole', from: 1, to: 256, about: 'Length of the vectors of customers and products.' } as const;
export const regularization = { is: 'number', from: 0, about: 'Ridge: strength of the pull of all parameters to 0.' } as const;
export const constant = {
  is: 'number',
  from: 0,
  usual: 1,
  about: 'Weight of the constant pseudo-product that each customer holds, the item bias; 0: none.',
} as const;
export const iterations = { is: 'whole', from: 0, to: 1000, about: 'Passes over the training data.' } as const;
/**
 * Strength of shrinkage, as a number of customers. Small counts are shrunk to the shares of all customers, and counts of exact
 * baskets to the shares of the base model.
 */
export const prior = {
  is: 'number',
  above: 0,
  usual: 10,
  about: 'Number of customers that the prior counts as: it pulls small counts to those of all customers, or to `base`.',
} as const;
/** Number of months before the date: only purchases in these months are counted. */
export const within = {
  is: 'whole',
  from: 1,
  to: 12,
  usual: 12,
  quiet: true,
  about: 'Months before the date whose purchases count.',
} as const;
export const seed = { is: 'whole', from: 0, to: 2 ** 32 - 1, usual: 0, about: 'Seed of the random draws.' } as const;
/** Largest number of customers that tuning uses. A bank with more customers is sampled. */
export const sample = {
  is: 'whole',
  from: 100,
  to: 2 ** 31 - 1,
  usual: 100_000,
  about: 'Approximate number of customers to learn weights from; all customers of a smaller bank.',
} as const;
