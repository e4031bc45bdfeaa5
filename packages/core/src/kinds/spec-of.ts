import type { AlsOptions } from '../als/als.ts';
import type { Model, ScoreScale } from '../models/model.ts';
import type { InnerSpec, NamedModel, Parameters, ValueOf } from './kind.ts';
import { kindOf, type kinds, type ModelSpec, scaleOf } from './kinds.ts';
import type { LearningData } from './learning-data.ts';

/** Type of the models inside a configured model. */
interface InnerChoice {
  spec: NamedChoice;
}

type MembersOf<P> = {
  [Name in keyof P]: P[Name] extends { is: 'members' } ? Name : never;
}[keyof P];

type ChoiceOf<Kind, P> = { kind: Kind } & { [Name in Exclude<keyof P, MembersOf<P>>]?: ValueOf<P[Name], InnerChoice> } & {
  [Name in MembersOf<P>]: readonly (InnerChoice['spec'] & { weight: number; scale?: ScoreScale })[];
};

type KindChoices = { [D in (typeof kinds)[number] as D['kind']]: ChoiceOf<D['kind'], D['parameters']> };

/** Kind of model with its parameters. Omitted parameters have their usual values. */
export type NamedChoice = KindChoices[keyof KindChoices];

/** Component of a configured model. */
interface NamedMember extends NamedModel {
  weight: number;
  scale?: ScoreScale;
}

/** Usual value of each parameter. Parameters without a usual value are left out. */
export function usualValues(parameters: Parameters): Record<string, unknown> {
  const usual = Object.entries(parameters).map(([name, parameter]) => [name, 'usual' in parameter ? parameter.usual : undefined]);
  return Object.fromEntries(usual.filter(([, value]) => value !== undefined));
}

/**
 * Spec of a configured model. Omitted parameters get their usual values, also in the models inside it.
 * @throws AppError bug for an unknown kind
 */
export function specOf({ kind, ...given }: NamedModel): ModelSpec {
  const { parameters, fixed } = kindOf(kind);
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  const values: Record<string, unknown> = { ...usualValues(parameters), ...Object.fromEntries(named) };
  const chosen = Object.entries(parameters).flatMap(([name, parameter]): [string, unknown][] => {
    const value = values[name];
    if (parameter.planned || (parameter.with !== undefined && values[parameter.with] === undefined)) return [];
    if (parameter.is === 'base') return [[name, specOf(value as NamedModel)]];
    if (parameter.is === 'members')
      return [[name, ((value ?? []) as NamedMember[]).map((one) => memberOf(one, parameter.scaled))]];
    if (value === undefined || (parameter.quiet && 'usual' in parameter && value === parameter.usual)) return [];
    return [[name, value]];
  });
  return { kind, ...Object.fromEntries(chosen), ...fixed } as ModelSpec;
}

function memberOf({ weight, scale, ...named }: NamedMember, isScaled: boolean) {
  const model = specOf(named);
  return isScaled ? { model, scale: scale ?? scaleOf(model), weight } : { model, weight };
}

/**
 * Fits any kind of model.
 * @param options options of ALS fits
 * @param inner component models already fitted, by spec object. The function adds the component models that it fits
 * @throws AppError config if a parameter is out of range, or the model needs dates and holdings have none
 */
export async function fitSpec(
  data: LearningData,
  spec: ModelSpec,
  options: AlsOptions = {},
  inner = new Map<InnerSpec, Model>(),
): Promise<Model> {
  const fitInner = async (innerSpec: InnerSpec, innerData = data) => {
    const model = inner.get(innerSpec) ?? (await fitSpec(innerData, innerSpec as ModelSpec, options, inner));
    inner.set(innerSpec, model);
    return model;
  };
  return kindOf(spec.kind).fit(data, spec, { options, fitInner });
}

/** Specs that share one fit, and their positions in the list given to `familiesOf`. */
export interface FitFamily {
  specs: ModelSpec[];
  places: number[];
}

/** Groups specs that share one fit. A spec whose kind has no families is alone in its group. */
export function familiesOf(specs: readonly ModelSpec[]): FitFamily[] {
  const families = new Map<string, FitFamily>();
  for (const [place, spec] of specs.entries()) {
    const key = kindOf(spec.kind).family?.key(spec) ?? String(place);
    const family = families.get(key) ?? { specs: [], places: [] };
    family.specs.push(spec);
    family.places.push(place);
    families.set(key, family);
  }
  return [...families.values()];
}

/** Fits all specs of a family. */
export async function fitFamily(data: LearningData, specs: readonly ModelSpec[]): Promise<Model[]> {
  const { family } = kindOf(specs[0]!.kind);
  if (specs.length < 2 || !family) return [await fitSpec(data, specs[0]!)];
  return family.fit(data, specs);
}
