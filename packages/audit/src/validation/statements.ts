import type { ValidationFile } from './validation-file.ts';

/** Headings that a validator asks for, with their meaning. A pack names each of them that the config does not state. */
export const usualHeadings = {
  'meaning of the tier': 'tiers of the bank, and why this model is in this one',
  developer: 'persons or units that built and configured the model',
  users: 'persons or units that work with the lists',
  validator: 'persons or units that validate, and their independence of the developer',
  review: 'reviews done, with day, result and conditions',
  population: 'customers that the model is meant for',
  'source of the data': 'systems that the tables come from, day of the extract, and checks of it',
  benefit: 'expected benefit, and how it is measured',
  harm: 'possible harm to customers and to the bank',
  'present practice': 'what the model replaces, or is used beside it',
  'choice of model': 'why this kind of model, and not a simpler one',
  fallback: 'what runs if the model is stopped',
  'decision to stop': 'who decides, and within what time',
  monitoring: 'figures, frequency and persons',
  bounds: 'reason of each bound',
  action: 'what is done about weak groups and figures beyond bounds',
  'protected columns': 'why these columns are protected, and others are not',
  codes: 'meaning of the values of columns',
  reproduction: 'whether lists and figures were made again, with persons and result',
} as const;

/** Text of a statement or, for a usual heading without one, that it is not stated, with the meaning of the heading. */
export function statementText({ heading, text }: ValidationFile['inventory']['statements'][number]): string {
  if (text !== null) return text;
  const meaning: string | undefined = (usualHeadings as Readonly<Record<string, string>>)[heading];
  return meaning === undefined ? 'not stated' : `not stated (${meaning})`;
}

/** Statements of a config in its order, then the usual headings that it lacks, with null as their text. Case does not distinguish headings. */
export function statementsOf(stated: Readonly<Record<string, string>>): ValidationFile['inventory']['statements'] {
  const own = Object.entries(stated).map(([heading, text]) => ({ heading, text }));
  const known = new Set(own.map(({ heading }) => heading.toLowerCase()));
  const absent = Object.keys(usualHeadings).filter((heading) => !known.has(heading));
  return [...own, ...absent.map((heading) => ({ heading, text: null }))];
}
