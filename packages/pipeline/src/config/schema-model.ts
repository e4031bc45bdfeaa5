import { automatic, type Kind, kinds, type Parameter, type Parameters, required, usualValues } from '@basketwise/core';
import { z } from 'zod';

import { number, whole } from '../values/schemas.ts';

/** Kind of model (or `automatic`), with its parameters by their names in the config. */
export interface NamedKind {
  kind: string;
  about: string;
  parameters: ReadonlyMap<string, Parameter>;
  /** Default values. */
  usual: Readonly<Record<string, unknown>>;
  part: 'base' | 'member' | 'none';
}

/** Converts the name of a parameter in the library to its name in the config: `learningRate` to `learning_rate`. */
const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const inSnakeCase = <Value>(values: Readonly<Record<string, Value>>): [string, Value][] =>
  Object.entries(values).map(([name, value]) => [snakeCase(name), value]);

/** All kinds that a config can name. The last one is `automatic`. */
const namedKinds: readonly NamedKind[] = [...kinds, { ...automatic, part: 'none' as const }].map(
  ({ kind, about, parameters, part }) => ({
    ...{ kind, about, part },
    parameters: new Map(inSnakeCase<Parameter>(parameters)),
    usual: Object.fromEntries(inSnakeCase(usualValues(parameters))),
  }),
);

const namedKindsByName: ReadonlyMap<string, NamedKind> = new Map(namedKinds.map((one) => [one.kind, one]));

/** Finds a kind by its name. @throws AppError bug for an unknown kind */
export const namedKind = (kind: string): NamedKind => required(namedKindsByName, kind);

/** Renames the parameters of a model, and of its base and component models, to their names in the library. */
export function libraryNames<Model extends object>(model: Model): Model {
  const own = Object.entries(model).map(([name, value]) => {
    if (name === 'base') return [name, libraryNames(value)];
    if (name === 'members') return [name, (value as object[]).map(libraryNames)];
    return [camelCase(name), value];
  });
  return Object.fromEntries(own) as Model;
}

type JsonSchema = Record<string, unknown>;

const reference = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
const closed = (name: string, others = {}): JsonSchema => ({ ...reference(name), ...others, unevaluatedProperties: false });
const arrayOf = (items: JsonSchema): JsonSchema => ({ type: 'array', minItems: 1, items });
const anyOf = (kinds: readonly string[]): JsonSchema => ({ type: 'object', anyOf: kinds.map(reference) });

function valueJson(parameter: Parameter): JsonSchema {
  const description = parameter.about === undefined ? {} : { description: parameter.about };
  if (parameter.is === 'members') return { ...arrayOf(closed('member')), ...description };
  const { $schema: _, ...schema } = parameter.is === 'base' ? closed('base') : z.toJSONSchema(valueSchema(parameter));
  return { ...schema, ...(parameter.usual === undefined ? {} : { default: parameter.usual }), ...description };
}

/** JSON Schema definitions of each kind of model, and of each position where a config can have a model. */
export function modelDefinitions(): Record<string, JsonSchema> {
  const kinds = namedKinds.map(({ kind, about, parameters }): [string, JsonSchema] => {
    const own = [...parameters].map(([name, parameter]) => [name, valueJson(parameter)]);
    return [kind, { description: about, properties: { kind: { const: kind }, ...Object.fromEntries(own) } }];
  });
  const member = Object.fromEntries(Object.entries(memberParameters).map(([name, parameter]) => [name, valueJson(parameter)]));
  return {
    model: anyOf(kindsAt.anyKind),
    base: { ...anyOf(kindsAt.baseKinds), required: ['kind'] },
    member: { ...anyOf(kindsAt.memberKinds), properties: member, required: ['kind', 'weight'] },
    models: templates(),
    ...Object.fromEntries(kinds),
  };
}

/** JSON Schema of a model for `tune`, in which each parameter is a value or a list of values. */
function templates(): JsonSchema {
  const kinds = kindsAt.anyKind.slice(1);
  const places = new Map<string, Map<string, JsonSchema>>();
  for (const kind of kinds) {
    for (const [name, parameter] of namedKind(kind).parameters) {
      const { default: _, description: __, ...values } = valueJson(parameter);
      const found = places.get(name) ?? new Map<string, JsonSchema>();
      const key = JSON.stringify(values);
      if (!found.has(key)) found.set(key, reference(`${kind}/properties/${name}`));
      places.set(name, found);
    }
  }
  const tried = (value: JsonSchema): JsonSchema => ({ anyOf: [value, arrayOf(value)] });
  const weight = { weight: tried(reference('member/properties/weight')), scale: tried(reference('member/properties/scale')) };
  const inner = { base: closed('models'), members: arrayOf(closed('models', { properties: weight, required: ['weight'] })) };
  const own = [...places].map(([name, found]) => {
    const values = [...found.values()];
    return [name, tried(values.length === 1 ? values[0]! : { anyOf: values })];
  });
  return { type: 'object', properties: { kind: { enum: kinds }, ...Object.fromEntries(own), ...inner }, required: ['kind'] };
}

/** Kind of model, or `automatic`. */
export type ModelKind = Kind | typeof automatic.kind;

/** Kind and parameters of a model, by their names in the config. */
export interface GivenModel {
  kind?: ModelKind | undefined;
  /** The plan of a campaign reads `constant`, `sample` and `seed`, which are therefore typed here. */
  constant?: number | undefined;
  sample?: number | undefined;
  seed?: number | undefined;
  /** Base model, whose scores serve as prior of this model. */
  base?: GivenModel | undefined;
  /** Component models, each with its weight. */
  members?: readonly (GivenModel & { weight: number; scale?: 'raw' | 'log' })[] | undefined;
  [parameter: string]: unknown;
}

/** Kind and parameters of a model, with the kind's defaults filled in. */
export type ModelConfig = GivenModel & { kind: ModelKind };

/** Issue of zod. Its path begins at the model, not at the top of the config. */
type Issue = Partial<z.core.$ZodIssue> & { path: (string | number)[] };

/** Rules for the models at one position in the config. */
interface ModelSlot {
  /** Allowed kinds. */
  kinds: readonly string[];
  /** Returns the kind of a model that names none, or undefined if the model can be of any kind. Absent: a model must name its kind. */
  unnamed?: (given: Readonly<Record<string, unknown>>) => string | undefined;
  /** Whether the model is a component and has a weight. */
  isMember?: true;
  /** Whether a parameter can be a list of values. */
  mayList?: true;
}

const anyKind = namedKinds.map(({ kind }) => kind);
const baseKinds = namedKinds.filter(({ part }) => part === 'base').map(({ kind }) => kind);
const memberKinds = namedKinds.filter(({ part }) => part !== 'none').map(({ kind }) => kind);

/** Kinds allowed at each position of a model: as a campaign's model, as the base of another model, and as a component. */
const kindsAt = { anyKind: [automatic.kind, ...anyKind.slice(0, -1)], baseKinds, memberKinds };

/** Parameters that every component has besides the parameters of its kind: the weight and the scale of its scores. */
const memberParameters = {
  weight: { is: 'number', about: 'Weight of the component.' },
  scale: {
    is: 'one of',
    of: ['raw', 'log'],
    about: 'Scale on which scores enter a blend. Without it logarithms for models of shares, else the scores themselves.',
  },
} as const satisfies Parameters;

const parameterSchemas = new Map<Parameter, z.ZodType>();

/** Schema of a parameter's values. */
export function valueSchema(parameter: Parameter): z.ZodType {
  const made = parameterSchemas.get(parameter) ?? schemaOf(parameter);
  parameterSchemas.set(parameter, made);
  return made;
}

function schemaOf(parameter: Parameter): z.ZodType {
  switch (parameter.is) {
    case 'whole':
      return whole(parameter.from, parameter.to);
    case 'number': {
      const { from, above, to } = parameter;
      const least = from === undefined ? number : number.min(from, `expected at least ${from}`);
      const bounded = above === undefined ? least : least.gt(above, `expected more than ${above}`);
      return to === undefined ? bounded : bounded.max(to, `expected at most ${to}`);
    }
    case 'one of':
      return z.enum(parameter.of);
    case 'flag':
      return z.boolean();
    default:
      return z.unknown();
  }
}

const below = (path: readonly (string | number)[], issues: readonly { path: PropertyKey[] }[]) =>
  issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })) as Issue[];

/** Faults of a parameter's value. */
function valueIssues(name: string, value: unknown, parameter: Parameter, mayList: true | undefined): Issue[] {
  const inner = mayList && { mayList };
  if (parameter.is === 'base') return below([name], issuesOf(value, { kinds: baseKinds, ...inner }));
  if (parameter.is === 'members') {
    if (!Array.isArray(value)) return [{ code: 'invalid_type', expected: 'array', input: value, path: [name] }];
    if (value.length === 0) return [custom([name], 'expected at least one member')];
    return value.flatMap((one, i) => below([name, i], issuesOf(one, { kinds: memberKinds, isMember: true, ...inner })));
  }
  if (mayList && Array.isArray(value)) {
    if (value.length === 0) return [custom([name], 'expected at least one value')];
    return value.flatMap((one, i) =>
      below([name, i], valueSchema(parameter).safeParse(one, { reportInput: true }).error?.issues ?? []),
    );
  }
  return below([name], valueSchema(parameter).safeParse(value, { reportInput: true }).error?.issues ?? []);
}

const custom = (path: (string | number)[], message: string): Issue => ({ code: 'custom', path, message, input: undefined });

/** Faults of a model's definition: a kind that is not allowed at this position, unknown or missing parameters, and invalid values. */
function issuesOf(value: unknown, { kinds, unnamed, isMember, mayList }: ModelSlot): Issue[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ code: 'invalid_type', expected: 'object', input: value, path: [] }];
  const { kind: named, weight, scale, ...rest } = value as Readonly<Record<string, unknown>>;
  const given = isMember ? rest : { ...(weight !== undefined && { weight }), ...(scale !== undefined && { scale }), ...rest };
  const issues: Issue[] = [];
  const isKnown = named === undefined ? unnamed !== undefined : kinds.includes(named as string);
  if (!isKnown) issues.push({ code: 'invalid_value', values: [...kinds], input: named, path: ['kind'] });
  if (isMember) {
    issues.push(...valueIssues('weight', weight, memberParameters.weight, mayList));
    if (scale !== undefined) issues.push(...valueIssues('scale', scale, memberParameters.scale, mayList));
  }
  const kind = named === undefined ? unnamed?.(given) : isKnown ? (named as string) : undefined;
  return [...issues, ...parameterIssues(given, kind, kinds, mayList)];
}

/** Faults of a model's parameters. If `kind` is undefined, the parameters of any kind in `kinds` are allowed. */
function parameterIssues(
  given: Readonly<Record<string, unknown>>,
  kind: string | undefined,
  kinds: readonly string[],
  mayList?: true,
): Issue[] {
  const issues: Issue[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const meant = (kind === undefined ? kinds : [kind]).flatMap((one) => namedKind(one).parameters.get(name) ?? []);
    if (meant.length > 0) {
      const tried = meant.map((parameter) => valueIssues(name, value, parameter, mayList));
      if (!tried.some((found) => found.length === 0)) issues.push(...tried[0]!);
    } else if (kind !== undefined && namedKinds.some(({ parameters }) => parameters.has(name))) {
      const known = [...namedKind(kind).parameters.keys()].join(', ');
      issues.push(custom([name], `\`${kind}\` has no such parameter; it has ${known}`));
    } else issues.push({ code: 'unrecognized_keys', keys: [name], path: [] });
  }
  const members = kind === undefined ? undefined : namedKind(kind).parameters.get('members');
  if (members?.is === 'members' && members.needed && given.members === undefined)
    issues.push(custom(['members'], `\`${kind}\` needs members`));
  return issues;
}

/** Faults of the parameters that a campaign changes in a model of `kind`. */
export function modelProblems({ kind: _, ...given }: GivenModel, kind: ModelKind): Issue[] {
  return parameterIssues(given, kind, [kind]);
}

/**
 * Kind of a model that names none: `automatic` without parameters, otherwise `als`. Configs for versions without `automatic` give
 * the parameters of `als` alone.
 */
function kindOfParameters(given: Readonly<Record<string, unknown>>): ModelKind {
  return Object.values(given).some((value) => value !== undefined) ? 'als' : automatic.kind;
}

const lastParameters = ['base', 'members', 'weight', 'scale'];
const parameterNames = namedKinds
  .flatMap(({ parameters }) => [...parameters.keys()])
  .filter((name) => !lastParameters.includes(name));
const keyOrder = new Map(['kind', ...new Set(parameterNames), ...lastParameters].map((name, at) => [name, at]));

/**
 * Sorts the parameters of a model, of its base and of its components in the order in which kinds declare them. The grid of `tune`
 * then does not depend on the order of keys in the config.
 */
function orderedModel(given: unknown): unknown {
  // zod also transforms a value with an unknown key. Unknown keys are sorted to the end.
  const rank = (name: string) => keyOrder.get(name) ?? keyOrder.size;
  const own = Object.entries(given as Readonly<Record<string, unknown>>).sort(([a], [b]) => rank(a) - rank(b));
  return Object.fromEntries(
    own.map(([name, value]) => {
      if (name === 'base') return [name, orderedModel(value)];
      return [name, name === 'members' ? (value as unknown[]).map(orderedModel) : value];
    }),
  );
}

/**
 * Schema of a model.
 * @param place rules for models at this position of the config
 * @param definition name of the equivalent schema in `$defs` of the JSON Schema
 */
function modelSchema(place: ModelSlot, definition: string): z.ZodType<GivenModel> {
  const schema = z.unknown().superRefine((value, context) => {
    for (const issue of issuesOf(value, place)) context.addIssue(issue as never);
  });
  return schema
    .transform(orderedModel)
    .meta({ $ref: `#/$defs/${definition}`, unevaluatedProperties: false }) as z.ZodType<GivenModel>;
}

/** Changes of a campaign to the common model. If they name another kind, no parameter of the common model applies. */
export const campaignModelSchema = modelSchema({ kinds: kindsAt.anyKind, unnamed: () => undefined }, 'model');

/** Model for `tune`, in which each parameter is a value or a list of values to try. */
export const modelTemplateSchema = modelSchema({ kinds: kindsAt.anyKind.slice(1), mayList: true }, 'models');

/** Fills in the kind of a model, and the kind's default parameters. */
export function withDefaults({ kind: named, ...given }: GivenModel): ModelConfig {
  const kind = named ?? kindOfParameters(given);
  const own = Object.entries(given).filter(([, value]) => value !== undefined);
  return { kind, ...namedKind(kind).usual, ...Object.fromEntries(own) };
}

/** Common model of the campaigns, which each campaign can change. */
export const commonModelSchema = modelSchema({ kinds: kindsAt.anyKind, unnamed: kindOfParameters }, 'model')
  .transform(withDefaults)
  .prefault({});
