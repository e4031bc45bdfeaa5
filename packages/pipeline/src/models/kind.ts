import type { AlsOptions, BlendMember, Model, ModelState } from '@basketwise/core';
import type { z } from 'zod';
import type { LearningData } from './learning-data.ts';

/** Specs of models by kind: the file of each kind adds its own. @public */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by `declare module` in the file of each kind
export interface SpecOfKind {}

/** Spec of a model, as plain JSON values: what tuning chooses and a config names. */
export type ModelSpec = SpecOfKind[keyof SpecOfKind];

/** Parameters of a kind as a config names them, with the schemas of their values. */
export type Shape = Readonly<Record<string, z.ZodType>>;

/** Values of parameters. */
export type Values<S extends Shape> = { [Name in keyof S]: z.output<S[Name]> };

/** A model as a config names it: its kind, parameters of the kind, and the models that it is built of. */
export interface NamedModel {
  kind?: string | undefined;
  /** The model that it is built on. */
  base?: NamedModel | undefined;
  /** The models that it is built of. */
  members?: readonly WeightedModel[] | undefined;
  [parameter: string]: unknown;
}

/** A member of a blend as a config names it. */
interface WeightedModel extends NamedModel {
  /** Weight of the member's score, or of its logarithm. */
  weight: number;
  scale?: BlendMember['scale'] | undefined;
}

/** Tools that make the specs of the models inside a model. */
interface SpecTools {
  /** The spec of a model, defaults filled in. */
  specOf(model: NamedModel): ModelSpec;
  /** How scores of its kind enter a blend. */
  scaleOf(spec: ModelSpec): BlendMember['scale'];
}

/** How a model is fitted, and the models inside it. */
interface FitTools {
  /** Those of ALS. */
  options: AlsOptions;
  /** Fits a model that this one is built of; twice the same spec is one fit. */
  fitInner(spec: ModelSpec): Promise<Model>;
}

/** How a fit went, for the report; null for kinds that have no such thing. */
export interface FitSummary {
  factors: number | null;
  /** Objective after the last sweep, and the sweeps it took. */
  objective: number | null;
  iterations: number | null;
}

/**
 * All that the pipeline knows of a kind of model. What makes a model of its saved state is core's (`modelFromState`). A new kind is a file with
 * one of these and a line in kinds.ts.
 */
export interface KindDefinition<Kind extends string, S extends Shape, Defaults extends Partial<Values<S>>, Spec> {
  kind: Kind;
  /** In a few words, for docs/config.md. */
  about: string;
  parameters: S;
  /** Of the parameters; one without a default may be left out. */
  defaults: Defaults;
  /** Whether it is made for those who hold nothing, too, as it counts what they buy; absent: popular products serve them. */
  servesAll?: true;
  /** Whether it may stand inside other models: as the base of one and as a member of a blend, as a member alone, or not at all. */
  part: 'base' | 'member' | 'none';
  /** The default of `base`, for a kind that is built on another model. */
  base?: NamedModel;
  /** Whether one model of all serves every cluster, as its parts know better than counts of one cluster; absent: one model per cluster. */
  pooled?: true;
  /** Whether it is built of `members`, models with a weight each. */
  members?: 'needed' | 'optional';
  /** How its scores enter a blend: shares by their logarithm, sums as they are. */
  blendScale: BlendMember['scale'];
  /** The spec of parameters with their defaults filled in, `base` too. */
  specOf(given: Filled<S, Defaults> & NamedModel, inner: SpecTools): Spec;
  /** @throws AppError config where a parameter is out of range, or the model needs dates that there are not */
  fit(data: LearningData, spec: Spec, tools: FitTools): Promise<Model> | Model;
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
  /** Warnings of what is allowed but hardly meant: the parameter, and why. `weights` are those of the recency bands. */
  doubts?(given: Filled<S, Defaults>, weights: readonly number[]): { parameter: string; message: string }[];
}

/** Values of parameters with the defaults filled in. */
type Filled<S extends Shape, Defaults> = {
  [Name in keyof S]: Name extends keyof Defaults ? z.output<S[Name]> : z.output<S[Name]> | undefined;
};

/** Any kind. */
export type AnyKind = KindDefinition<string, Shape, Partial<Values<Shape>>, ModelSpec>;

/** Declares a kind of model. */
export function defineKind<const Kind extends string, S extends Shape, const Defaults extends Partial<Values<S>>, Spec>(
  definition: KindDefinition<Kind, S, Defaults, Spec>,
): KindDefinition<Kind, S, Defaults, Spec> {
  return definition;
}
