import { type ConsentMeaning, consentMeaning, consentSense } from '@basketwise/data';
import type { Link } from './links.ts';
import { type InitAnswers, noColumn, otherTables, type Roles, type Survey } from './roles.ts';
import { type ColumnFacts, isUnique, type TableFacts, valueTexts } from './survey.ts';
import { kindScore } from './words.ts';

/** Column that may say which customers may be contacted. It is in the customers table, or in a table that refers to it. */
export interface ConsentGuess extends ConsentMeaning {
  table: TableFacts;
  column: ColumnFacts;
  /** How the table refers to customers. Undefined if the column is in the customers table. */
  join:
    | {
        link: Link;
        isOneRow: boolean;
        newest: ColumnFacts | undefined;
        purpose: { column: ColumnFacts; value: string } | undefined;
      }
    | undefined;
}

/** Answer that stands for customers without a value. */
const blankValue = 'blank';

/** Columns that may say which customers may be contacted, the most probable first. */
export function guessConsents(survey: Survey, roles: Roles, { consent, allowed }: InitAnswers): ConsentGuess[] {
  if (consent === noColumn) return [];
  const { table } = roles.customers;
  const all = [
    ...table.columns.flatMap((column) => consentOf(table, column, undefined)),
    ...otherTables(survey, roles).flatMap((joined) => consentsIn(survey, roles, joined)),
  ];
  const fit = ({ column, readings, sense, table: source, join }: ConsentGuess) =>
    (column.name === consent ? 8 : 0) +
    (readings.length === 1 ? 3 : readings.length) +
    (sense === 'unsure' || consentSense(column.name) === undefined ? 0 : 1) +
    (join && consentSense(source.name) ? 1 : 0);
  const sorted = all.sort((a, b) => fit(b) - fit(a));
  const asked = sorted.find(isOpen);
  return sorted.map((guess) => (guess === asked && allowed !== undefined ? answered(guess, allowed) : guess));
}

/** Whether a person can say which of two readings of a column is right. */
export const isOpen = ({ readings }: ConsentMeaning) => readings.length > 1;

/** Text of a value of a reading. */
export const readingValue = ({ value }: { value: string | null }) => value ?? blankValue;

/** Meaning that a person has chosen. */
function answered(guess: ConsentGuess, allowed: string): ConsentGuess {
  const readings = guess.readings.filter((reading) => readingValue(reading) === allowed);
  return readings.length === 0 ? guess : { ...guess, sense: 'says-yes', readings };
}

/** Consents in a table that refers to the customers. If its name says that it lists objections, its key is one. */
function consentsIn({ links }: Survey, roles: Roles, table: TableFacts): ConsentGuess[] {
  const { customers } = roles;
  const link = links
    .filter(({ from, to }) => from.table === table && to.table === customers.table && to.column === customers.id)
    .sort((a, b) => b.share - a.share)[0];
  if (!link || link.share < 0.5) return [];
  const key = link.from.column;
  const purpose = purposeOf(table, key);
  const join = { link, isOneRow: isUnique(key, table), newest: table.columns.find(({ isDate }) => isDate), purpose };
  const consents = table.columns
    .filter((column) => column !== key && column !== purpose?.column)
    .flatMap((column) => consentOf(table, column, join));
  const isList = consents.length === 0 && consentSense(table.name) === 'says-no';
  return isList ? [{ table, column: key, sense: 'says-no', readings: [], join }] : consents;
}

/** Largest number of values of a column of consents. */
const mostValues = 6;

function consentOf(table: TableFacts, column: ColumnFacts, join: ConsentGuess['join']): ConsentGuess[] {
  const named = consentSense(column.name);
  const ofTable = join && consentSense(table.name);
  // In a table of consents or objections, each yes-or-no column may be one, and no other column.
  const sense =
    named === 'says-yes' && ofTable === 'says-no'
      ? 'unsure'
      : named !== undefined && named !== 'unsure'
        ? named
        : (ofTable ?? named);
  if (sense === undefined || column.distinct < 1 || (named === undefined && ofTable === 'unsure')) return [];
  if (column.isDate ? named !== 'says-no' : column.distinct > mostValues) return [];
  const meaning = consentMeaning(sense, column.isDate ? null : column.values, column.nulls);
  // Customers without a row in a table of objections have perhaps not objected, and a join does not show it.
  const readings = join && meaning.sense !== 'says-yes' && meaning.readings.length === 1 ? [] : meaning.readings;
  return readings.length === 0 && named === undefined ? [] : [{ table, column, ...meaning, readings, join }];
}

/** Column with the purpose of a consent, and the value that means marketing. Undefined if there is none. */
function purposeOf(table: TableFacts, key: ColumnFacts) {
  for (const column of table.columns) {
    if (column === key || kindScore(column.name, 'purpose') === 0 || column.distinct < 2) continue;
    const value = valueTexts(column).find((text) => /market|advert|promo|werbung|마케팅|광고/i.test(text));
    if (value !== undefined) return { column, value };
  }
  return undefined;
}

/** Consents by what the config does with them. */
export interface ConsentUse {
  /** Consent of the first rule. Undefined if none is sure. */
  first: ConsentGuess | undefined;
  /** Consents and objections of further rules, all of the customers table. */
  further: readonly ConsentGuess[];
  /** Columns on which a person must decide before a run: customers may have objected there. */
  open: readonly ConsentGuess[];
  /** Other columns, which the config only mentions. */
  others: readonly ConsentGuess[];
}

/** Decides which consents become rules. A rule needs a sure meaning, and customers who pass it. */
export function useOfConsents(consents: readonly ConsentGuess[]): ConsentUse {
  const isSure = ({ readings }: ConsentGuess) => readings.length === 1 && readings[0]!.rows > 0;
  const first = consents.find(isSure);
  const further = consents.filter((guess) => guess !== first && isSure(guess) && guess.join === undefined);
  // The same column in another table, such as an earlier state of the customers, is not another consent.
  const rest = consents.filter(
    (guess) => guess !== first && !further.includes(guess) && guess.column.name !== first?.column.name,
  );
  const mustDecide = (guess: ConsentGuess) =>
    isOpen(guess) || guess.sense === 'says-no' || first === undefined || (!guess.join && guess.column.distinct <= 3);
  return { first, further, open: rest.filter(mustDecide), others: rest.filter((guess) => !mustDecide(guess)) };
}

/** Number of customers, or of rows, of a reading. */
export function readingCount({ rows }: { rows: number }, { join }: ConsentGuess): string {
  return `${rows.toLocaleString('en-US')} ${join ? 'rows' : 'customers'}`;
}
