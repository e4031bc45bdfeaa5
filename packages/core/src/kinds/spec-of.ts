import type { ScoreScale } from '../models/model.ts';
import type { NamedModel, Parameters, ValueOf } from './kind.ts';
import { kindOf, type kinds, type ModelSpec, scaleOf } from './kinds.ts';

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
