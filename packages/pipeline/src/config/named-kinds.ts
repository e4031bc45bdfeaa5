import { automatic, kinds, type Parameter, required, usualValues } from '@basketwise/core/kinds';

/** Kind of model, or the automatic choice, with its parameters under their config names. */
export interface NamedKind {
  kind: string;
  about: string;
  parameters: ReadonlyMap<string, Parameter>;
  /** Default values. */
  usual: Readonly<Record<string, unknown>>;
  part: 'base' | 'member' | 'none';
}

/** Name of the library in the config's spelling: `learningRate` is `learning_rate`. */
const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const inSnakeCase = <Value>(values: Readonly<Record<string, Value>>): [string, Value][] =>
  Object.entries(values).map(([name, value]) => [snakeCase(name), value]);

/** Every kind that a config can name. The automatic choice is the last. */
export const namedKinds: readonly NamedKind[] = [...kinds, { ...automatic, part: 'none' as const }].map(
  ({ kind, about, parameters, part }) => ({
    ...{ kind, about, part },
    parameters: new Map(inSnakeCase<Parameter>(parameters)),
    usual: Object.fromEntries(inSnakeCase(usualValues(parameters))),
  }),
);

const namedKindsByName: ReadonlyMap<string, NamedKind> = new Map(namedKinds.map((one) => [one.kind, one]));

/** Kind under its config names. @throws AppError bug for an unknown kind */
export const namedKind = (kind: string): NamedKind => required(namedKindsByName, kind);

/** Converts the parameters of a model, and of those inside it, to their names in the library. */
export function libraryNames<Model extends object>(model: Model): Model {
  const own = Object.entries(model).map(([name, value]) => {
    if (name === 'base') return [name, libraryNames(value)];
    if (name === 'members') return [name, (value as object[]).map(libraryNames)];
    return [camelCase(name), value];
  });
  return Object.fromEntries(own) as Model;
}
