import type { AlsOptions } from '../als/als.ts';
import type { Model, ModelState } from '../models/model.ts';
import type { ScoreScale } from '../models/score-scale.ts';
import type { LearningData } from './learning-data.ts';

/** Where a parameter stands, beside its name and value. */
interface ParameterTraits {
  /** Meaning of the parameter, as a sentence for the reference of the config. */
  about?: string;
  /** It is left out of the spec where it has its usual value. */
  quiet?: true;
  /** The spec has it only together with this one. */
  with?: string;
  /** It is read where a campaign is planned, and no part of the spec. */
  planned?: true;
}

/** A parameter of a kind of model: its values, and the one where nothing else is said; without `usual` it is absent then. */
export type Parameter = ParameterTraits &
  (
    | { is: 'whole'; from: number; to: number; usual?: number }
    | { is: 'number'; from?: number; above?: number; to?: number; usual?: number }
    | { is: 'one of'; of: readonly string[]; usual?: string }
    | { is: 'flag'; usual?: boolean }
    /** The model that this one is built on. */
    | { is: 'base'; usual: NamedModel }
    /** Models that it is built of, with a weight each; `scaled`: and with the scale on which their scores enter. */
    | { is: 'members'; needed: boolean; scaled: boolean }
  );

/** Parameters by name, in the order of the spec. Names are those of the library; a config writes them in snake case. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** A model as somebody names it: its kind, and parameters that may be left out. */
export interface NamedModel {
  kind: string;
  [parameter: string]: unknown;
}

/** A model inside another one, which is of any kind. */
export interface InnerSpec {
  readonly kind: string;
}

/** A member of a blend. */
export interface BlendMemberSpec<Inner = InnerSpec> {
  model: Inner;
  scale: ScoreScale;
  weight: number;
}

/** A member of a next-purchase model. @public */
export interface NextPurchaseMemberSpec<Inner = InnerSpec> {
  model: Inner;
  weight: number;
  /** Its weights for customers who hold none, one, two or more of the products that may be recommended; absent: `weight` for all. */
  byTier?: readonly number[];
  /** Whether its level (see `memberLevel`) is taken off its scores. */
  lessLevel?: true;
}

/** Type of the specs inside a spec; an interface, as the type of all specs needs itself. @public */
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

/** Spec of a model, as plain JSON values: what tuning chooses and a config names. `Inner` is that of models inside it. */
export type SpecOf<Kind, P, Fixed, Inner extends InnerType = { spec: InnerSpec }> = { kind: Kind } & {
  [Name in NamesOf<P, false>]: ValueOf<P[Name], Inner>;
} & { [Name in NamesOf<P, true>]?: ValueOf<P[Name], Inner> } & Fixed;

/** How a model is fitted, and the models inside it. */
interface FitTools {
  /** Those of ALS. */
  options: AlsOptions;
  /** Fits a model that this one is built of, on its data or on `own`; twice the same spec is one fit. */
  fitInner(spec: InnerSpec, own?: LearningData): Promise<Model>;
}

/** How a fit went, for the report; null for kinds that have no such thing. */
export interface FitSummary {
  factors: number | null;
  /** Objective after the last sweep, and the sweeps it took. */
  objective: number | null;
  iterations: number | null;
}

/**
 * Everything about a kind of model. A new kind is a file with one of these and a line in kinds.ts. Commands that fit nothing read it, too: what fits and
 * scores is imported where it is needed.
 */
export interface KindDefinition<Kind extends string, P extends Parameters, Fixed, Spec = SpecOf<Kind, P, Fixed>> {
  kind: Kind;
  /** Meaning of the kind, as a sentence for the reference of the config; pages are named as `docs/PAGE.md`. */
  about: string;
  parameters: P;
  /** Fields of a spec beside its parameters, as a config means them. */
  fixed?: Fixed;
  /** Whether it may stand inside other models: as the base of one and as a member of a blend, as a member alone, or not at all. */
  part: 'base' | 'member' | 'none';
  /** Whether it is made for those who hold nothing, too, as it counts what they buy; absent: popular products serve them. */
  servesAll?: true;
  /** Whether one model of all serves every cluster unless separate ones are asked for, as its parts know better than counts of one cluster. */
  pooled?: true;
  /** How its scores enter a blend: shares by their logarithm, sums as they are. */
  blendScale: ScoreScale;
  /** @throws AppError config where a parameter is out of range, or the model needs dates that there are not */
  fit(data: LearningData, spec: Spec, tools: FitTools): Promise<Model>;
  /**
   * The model that `state()` of one of this kind described; `inner` does the same for a model that it is built of, of any kind.
   * @throws AppError bad-data where the state is not complete
   */
  restore(state: ModelState, inner: (state: ModelState) => Promise<Model>): Promise<Model>;
  /** Fits specs of one family for the work of one; absent: every spec is a family of its own. */
  family?: {
    /** The same for specs of one family. */
    key(spec: Spec): string;
    fit(data: LearningData, specs: readonly Spec[]): Promise<Model[]>;
  };
  /** The spec, chosen on some customers, for `ratio` times as many; absent where nothing in it depends on their number. */
  scale?(spec: Spec, ratio: number): Spec;
  /** The spec with about a share of its iterations, at least `least`; absent where it has none. */
  shorten?(spec: Spec, share: number, least: number): Spec;
  /** Whether it learns from acquisitions with dates; absent: no. */
  needsAcquisitions?(spec: Spec): boolean;
  summary?(model: Model): FitSummary;
  /** Warnings of what is allowed but hardly meant: the parameter, and why. `weights` are those of the recency bands. */
  doubts?(spec: Spec, weights: readonly number[]): { parameter: string; message: string }[];
}

/** Declares a kind of model. */
export function defineKind<const Kind extends string, const P extends Parameters, const Fixed = unknown>(
  definition: KindDefinition<Kind, P, Fixed>,
): KindDefinition<Kind, P, Fixed> {
  return definition;
}
