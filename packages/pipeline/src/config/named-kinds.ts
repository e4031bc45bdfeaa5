import { automatic, kinds, type Parameter, required, usualValues } from '@basketwise/core/kinds';

/** A kind of model, or the choice among them, with its parameters as a config names them. */
export interface NamedKind {
  kind: string;
  about: string;
  parameters: ReadonlyMap<string, Parameter>;
  /** Values where nothing else is said. */
  usual: Readonly<Record<string, unknown>>;
  part: 'base' | 'member' | 'none';
}

/** A name of the library as a config writes it: `learningRate` is `learning_rate`. */
const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const inSnakeCase = <Value>(values: Readonly<Record<string, Value>>): [string, Value][] =>
  Object.entries(values).map(([name, value]) => [snakeCase(name), value]);

/** Every kind that a config may name; the choice among them is the last. */
export const namedKinds: readonly NamedKind[] = [...kinds, { ...automatic, part: 'none' as const }].map(
  ({ kind, about, parameters, part }) => ({
    ...{ kind, about, part },
    parameters: new Map(inSnakeCase<Parameter>(parameters)),
    usual: Object.fromEntries(inSnakeCase(usualValues(parameters))),
  }),
);

const namedKindsByName: ReadonlyMap<string, NamedKind> = new Map(namedKinds.map((one) => [one.kind, one]));

/** A kind as a config names it. @throws AppError bug where there is none */
export const namedKind = (kind: string): NamedKind => required(namedKindsByName, kind);

/** Gives the parameters of a model, and of those inside it, their names in the library. */
export function libraryNames<Model extends object>(model: Model): Model {
  const own = Object.entries(model).map(([name, value]) => {
    if (name === 'base') return [name, libraryNames(value)];
    if (name === 'members') return [name, (value as object[]).map(libraryNames)];
    return [camelCase(name), value];
  });
  return Object.fromEntries(own) as Model;
}
