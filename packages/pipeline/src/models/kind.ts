import type { BlendMember } from '@basketwise/core';
import type { KindFit, ModelSpec } from '@basketwise/core/kinds';
import type { z } from 'zod';

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

/**
 * All that the pipeline knows of a kind of model: how it is fitted, which is core's, and how a config names it. A new kind is a file with one of
 * these and a line in kinds.ts.
 */
export interface KindDefinition<Kind extends string, S extends Shape, Defaults extends Partial<Values<S>>, Spec>
  extends KindFit<Kind, Spec> {
  /** In a few words, for docs/config.md. */
  about: string;
  parameters: S;
  /** Of the parameters; one without a default may be left out. */
  defaults: Defaults;
  /** Whether it may stand inside other models: as the base of one and as a member of a blend, as a member alone, or not at all. */
  part: 'base' | 'member' | 'none';
  /** The default of `base`, for a kind that is built on another model. */
  base?: NamedModel;
  /** Whether it is built of `members`, models with a weight each. */
  members?: 'needed' | 'optional';
  /** The spec of parameters with their defaults filled in, `base` too. */
  specOf(given: Filled<S, Defaults> & NamedModel, inner: SpecTools): Spec;
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
