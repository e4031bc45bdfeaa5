import { automatic, kinds, type Parameter, required, usualValues } from '@basketwise/core/kinds';

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
export const namedKinds: readonly NamedKind[] = [...kinds, { ...automatic, part: 'none' as const }].map(
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
