import { AppError, bug } from '../error.ts';
import type { Model, ModelState, ScoreScale } from '../models/model.ts';
import { als } from './als.ts';
import type { KindDefinition, Parameters, SpecOf } from './kind.ts';
import { blend, bpr, ease, itemKnn, lift, lookup, lookupNext, popularity, rules } from './model-kinds.ts';
import { nextPurchase } from './next-purchase.ts';

/** All kinds of models. No other file lists them. */
export const kinds = [als, ease, itemKnn, lift, bpr, popularity, rules, lookup, lookupNext, blend, nextPurchase] as const;

export type Kind = (typeof kinds)[number]['kind'];

/** Type of a spec inside the spec of another model. */
interface AnySpec {
  spec: ModelSpec;
}

type Specs = {
  [D in (typeof kinds)[number] as D['kind']]: SpecOf<D['kind'], D['parameters'], NonNullable<D['fixed']>, AnySpec>;
};

/** Spec of a model as plain JSON values: the result of tuning, or part of a config. */
export type ModelSpec = Specs[Kind];

/** Spec of a model of one kind. */
export type SpecOfKind<Name extends Kind> = Specs[Name];

export type AnyKind = KindDefinition<string, Parameters, object, ModelSpec>;

const kindsByName: ReadonlyMap<string, AnyKind> = new Map(
  kinds.map((definition) => [definition.kind, definition as unknown as AnyKind]),
);

/** Definition of a kind, by name. @throws AppError bug for an unknown name */
export function kindOf(kind: string): AnyKind {
  const definition = kindsByName.get(kind);
  if (definition) return definition;
  throw bug(`there is no model of kind ${kind}`);
}

/**
 * Restores a model from its state.
 * @throws AppError bad-data if the kind is unknown or the state is incomplete
 */
export async function modelFromState(state: ModelState): Promise<Model> {
  const definition = kindsByName.get(state.kind);
  if (definition) return definition.restore(state, modelFromState);
  const names = [...kindsByName.keys()].sort().join(', ');
  throw new AppError('bad-data', `model file: unknown kind of model '${state.kind}'`, `This version knows: ${names}.`);
}

/** Scale of a model's scores in a blend: `log` if they are shares, `raw` (unchanged) otherwise. */
export function scaleOf({ kind }: { kind: string }): ScoreScale {
  return kindOf(kind).blendScale;
}

/** Applies `change` to the base model and the components of a spec. A spec without any of these is unchanged. */
function mapInner(spec: ModelSpec, change: (inner: ModelSpec) => ModelSpec): ModelSpec {
  const inner = Object.entries(kindOf(spec.kind).parameters).flatMap(([name, { is }]): [string, unknown][] => {
    const value = (spec as Readonly<Record<string, unknown>>)[name];
    if (is === 'base') return [[name, change(value as ModelSpec)]];
    if (is !== 'members') return [];
    return [[name, (value as { model: ModelSpec }[]).map((one) => ({ ...one, model: change(one.model) }))]];
  });
  return inner.length === 0 ? spec : ({ ...spec, ...Object.fromEntries(inner) } as ModelSpec);
}

/** Whether a model, or any model inside it, learns from purchases with dates. */
export function needsAcquisitions(spec: ModelSpec): boolean {
  let needed = kindOf(spec.kind).needsAcquisitions?.(spec) ?? false;
  mapInner(spec, (inner) => {
    needed ||= needsAcquisitions(inner);
    return inner;
  });
  return needed;
}

/** Periods before the date, in months, whose purchases the specs count. Distinct and ascending; the last is 12. */
export function monthsWithin(specs: readonly ModelSpec[]): readonly number[] {
  const months = new Set([12]);
  const visit = (spec: ModelSpec): ModelSpec => {
    if ('within' in spec && spec.within !== undefined) months.add(spec.within);
    return mapInner(spec, visit);
  };
  for (const spec of specs) visit(spec);
  return [...months].sort((a, b) => a - b);
}

/** Adapts a spec, and all specs inside it, from the sample on which it was chosen to `ratio` times as many customers. */
export function forMoreCustomers(spec: ModelSpec, ratio: number): ModelSpec {
  const scaled = kindOf(spec.kind).scale?.(spec, ratio) ?? spec;
  return mapInner(scaled, (inner) => forMoreCustomers(inner, ratio));
}

/** Reduces the iterations of a spec, and of all specs inside it, to a share of them, but not below `least`. */
export function shortenedSpec(spec: ModelSpec, share: number, least: number): ModelSpec {
  const shorter = kindOf(spec.kind).shorten?.(spec, share, least) ?? spec;
  return mapInner(shorter, (inner) => shortenedSpec(inner, share, least));
}
