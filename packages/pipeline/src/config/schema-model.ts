import { required } from '@basketwise/core/kinds';
import { z } from 'zod';
import { automatic } from '../models/automatic.ts';
import type { AnyKind, Shape } from '../models/kind.ts';
import { type Kind, kinds } from '../models/kinds.ts';
import type { Intersection } from '../values/intersection.ts';
import { number } from '../values/schemas.ts';

/** A kind of model, or the choice among them. */
export type ModelKind = Kind | typeof automatic.kind;

type Named = Pick<AnyKind, 'kind' | 'parameters' | 'defaults' | 'base' | 'members'>;

const all: readonly Named[] = [...kinds, automatic];
const definitionOf = new Map(all.map((definition) => [definition.kind, definition]));

/** The parameters of all kinds. */
type Parameters = Intersection<(typeof kinds)[number]['parameters'] | typeof automatic.parameters>;
type OptionalParameters = { [Name in keyof Parameters]: z.ZodOptional<Extract<Parameters[Name], z.ZodType>> };

/** The schemas that kinds have for a parameter; they may differ. */
function schemasOf(name: string, of: readonly { parameters: Shape }[]): z.ZodType[] {
  return [...new Set(of.flatMap(({ parameters }) => parameters[name] ?? []))];
}

/** The parameters of some kinds, all of which may be left out. */
function parametersOf(of: readonly { parameters: Shape }[]): OptionalParameters {
  const names = new Set(of.flatMap(({ parameters }) => Object.keys(parameters)));
  const shape = [...names].map((name) => {
    const schemas = schemasOf(name, of);
    return [name, (schemas.length === 1 ? schemas[0]! : z.union(schemas)).optional()];
  });
  return Object.fromEntries(shape) as OptionalParameters;
}

/** Names of a kind's parameters, `base` and `members` among them. */
function parameterNames({ parameters, base, members }: Named): string[] {
  return [...Object.keys(parameters), ...(base ? ['base'] : []), ...(members ? ['members'] : [])];
}

type Issue = { code: 'custom'; path: (string | number)[]; message: string };

/** Faults of a model's parameters: those that its kind has not got, or lacks. */
export function modelProblems(given: Readonly<Record<string, unknown>>, kind: ModelKind): Issue[] {
  const definition = required(definitionOf, kind);
  const known = parameterNames(definition);
  const issue = (path: (string | number)[], message: string): Issue => ({ code: 'custom', path, message });
  const issues = Object.entries(given).flatMap(([name, value]): Issue[] => {
    if (value === undefined || name === 'kind' || name === 'weight' || name === 'scale') return [];
    if (!known.includes(name)) return [issue([name], `\`${kind}\` has no such parameter; it has ${known.join(', ')}`)];
    if (schemasOf(name, all).length < 2) return [];
    const values = Array.isArray(value) ? value : [value];
    const found = values.map((one) => definition.parameters[name]!.safeParse(one).error?.issues[0]?.message);
    return found.filter((message) => message !== undefined).map((message) => issue([name], message));
  });
  if (definition.members === 'needed' && given.members === undefined)
    issues.push(issue(['members'], `\`${kind}\` needs members`));
  return issues;
}

function checked<T extends z.ZodType<{ kind?: ModelKind | undefined }>>(schema: T): T {
  return schema.superRefine((given, context) => {
    for (const issue of modelProblems(given, given.kind ?? kindOfParameters(given))) context.addIssue(issue);
  }) as T;
}

const bases = kinds.filter(({ part }) => part === 'base');
const members = kinds.filter(({ part }) => part !== 'none');
const base = checked(z.strictObject({ kind: z.enum(bases.map(({ kind }) => kind)), ...parametersOf(bases) }));

const member = checked(
  z.strictObject({
    kind: z.enum(members.map(({ kind }) => kind)),
    ...parametersOf(members),
    base: base.optional(),
    /** Weight of the member's score, or of its logarithm. */
    weight: number,
    scale: z.enum(['raw', 'log']).optional(),
  }),
);

const parameters = {
  ...parametersOf(all),
  base: base.optional(),
  members: z.array(member).min(1, 'expected at least one member').optional(),
};

const kindNames: [ModelKind, ...ModelKind[]] = [automatic.kind, ...kinds.map(({ kind }) => kind)];

/** The kind of a model that names none: `automatic`, and `als` where it has parameters, which are those of configs from before there was another default. */
function kindOfParameters(given: Readonly<Record<string, unknown>>): ModelKind {
  return Object.values(given).some((value) => value !== undefined) ? 'als' : automatic.kind;
}

/** Changes of a campaign to the common model; of another kind, all of its parameters. */
export const campaignModel = z.strictObject({ kind: z.enum(kindNames).optional(), ...parameters });

/** Parameters of a model as a config names them. */
export type GivenModel = z.output<typeof campaignModel>;

/** A model's parameters, its own defaults filled in. */
export type ModelConfig = GivenModel & { kind: ModelKind };

/** Fills in the defaults of the kind. */
export function withDefaults({ kind: named, ...given }: GivenModel): ModelConfig {
  const kind = named ?? kindOfParameters(given);
  const own = Object.entries(given).filter(([, value]) => value !== undefined);
  const { defaults, base } = required(definitionOf, kind);
  return { kind, ...defaults, ...(base && { base }), ...Object.fromEntries(own) } as ModelConfig;
}

/** The model of every campaign that has none of its own. */
export const model = checked(z.strictObject({ kind: z.enum(kindNames).optional(), ...parameters }))
  .transform(withDefaults)
  .prefault({});
