import type { Link } from './links.ts';
import { isPersonal } from './personal.ts';
import type { InitAnswers, Roles, Survey } from './roles.ts';
import { otherTables } from './roles.ts';
import { type ColumnFacts, isUnique, type TableFacts, valueTexts } from './survey.ts';
import { kindScore, yesOf } from './words.ts';

/** Column with the consent of customers to marketing. It is in the customers table, or in a table that refers to it. */
export interface ConsentGuess {
  table: TableFacts;
  column: ColumnFacts;
  /** Whether the column forbids contacts. Its name shows this, such as objected, blocked or deceased. */
  isRefusal: boolean;
  /** Value that means consent. Undefined if the values do not show which one. */
  allowed: string | undefined;
  /** Share of the rows with this value, 0 to 1. */
  share: number;
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

/** Column that may be a feature. */
export interface FeatureGuess {
  name: string;
  column: ColumnFacts;
  kind: 'birth' | 'number' | 'category';
  /** Whether a customer's value is the same at every date. */
  isFixed: boolean;
}

/** Column with the day on which a customer joined. Undefined if there is none. */
export function guessSince({ customers: { table, dated } }: Roles): ColumnFacts | undefined {
  const fit = (column: ColumnFacts) =>
    column.isDate &&
    column.name !== dated?.date.name &&
    kindScore(column.name, 'birth') === 0 &&
    kindScore(column.name, 'recorded') === 0
      ? kindScore(column.name, 'joined')
      : 0;
  return [...table.columns].filter((column) => fit(column) > 0).sort((a, b) => fit(b) - fit(a))[0];
}

/** Columns that may be consent to marketing, the most probable first. */
export function guessConsents(survey: Survey, roles: Roles, { consent }: InitAnswers): ConsentGuess[] {
  const { table } = roles.customers;
  const own = table.columns.flatMap((column) => consentOf(table, column, undefined));
  const joined = otherTables(survey, roles).flatMap((other) => {
    const link = survey.links
      .filter(({ from, to }) => from.table === other && to.table === table && to.column === roles.customers.id)
      .sort((a, b) => b.share - a.share)[0];
    if (!link || link.share < 0.5) return [];
    const isOneRow = isUnique(link.from.column, other);
    const newest = other.columns.find(({ isDate }) => isDate);
    const purpose = purposeOf(other, link.from.column);
    return other.columns
      .filter((column) => column !== link.from.column && column !== purpose?.column)
      .flatMap((column) => consentOf(other, column, { link, isOneRow, newest, purpose }));
  });
  const all = [...own, ...joined];
  const fit = ({ column, allowed, table: of, join }: ConsentGuess) =>
    (allowed === undefined ? 0 : 3) +
    Math.max(kindScore(column.name, 'consent'), kindScore(column.name, 'refusal')) +
    (join && kindScore(of.name, 'consent') > 0 ? 1 : 0);
  const wanted = consent === undefined ? all : all.filter(({ column }) => column.name === consent);
  return wanted.sort((a, b) => fit(b) - fit(a));
}

/**
 * Yes-or-no columns of customers whose names do not show their meaning. One of them may be the consent. Empty if a consent is found,
 * or a person has answered.
 */
export function guessFlags(
  { customers: { table } }: Roles,
  consents: readonly ConsentGuess[],
  { consent }: InitAnswers,
): ColumnFacts[] {
  if (consents.length > 0 || consent !== undefined) return [];
  const hasMeaning = (name: string) => (['sex', 'status', 'sold'] as const).some((kind) => kindScore(name, kind) > 0);
  return table.columns.filter((column) => !hasMeaning(column.name) && yesOf(valueTexts(column))?.no !== undefined);
}

function consentOf(table: TableFacts, column: ColumnFacts, join: ConsentGuess['join']): ConsentGuess[] {
  const isRefusal = kindScore(column.name, 'refusal') > 0;
  const isOwnName = isRefusal || kindScore(column.name, 'consent') > 0;
  const isNamed = isOwnName || (join !== undefined && kindScore(table.name, 'consent') > 0);
  if (!isNamed || column.distinct < 1 || column.distinct > 6 || column.isDate) return [];
  const pair = yesOf(valueTexts(column));
  // In a table of consents, each yes-or-no column may be the consent, and no other column.
  if (!pair && !isOwnName) return [];
  const allowed = isRefusal ? pair?.no : pair?.yes;
  const rows = column.values?.find(({ value }) => value === allowed)?.rows ?? 0;
  return [{ table, column, isRefusal, allowed, share: rows / table.rows, join }];
}

/** Column with the purpose of a consent, and the value that means marketing. Undefined if there is none. */
function purposeOf(table: TableFacts, key: ColumnFacts) {
  for (const column of table.columns) {
    if (column === key || kindScore(column.name, 'purpose') === 0 || column.distinct < 2) continue;
    const value = valueTexts(column).find((one) => /market|advert|promo|werbung|마케팅|광고/i.test(one));
    if (value !== undefined) return { column, value };
  }
  return undefined;
}

/** Columns of customers by which models can rank. */
export function guessFeatures(
  { customers: { table, id, dated } }: Roles,
  taken: readonly (ColumnFacts | undefined)[],
): FeatureGuess[] {
  const features: FeatureGuess[] = [];
  for (const column of table.columns) {
    if (column === id || column.name === dated?.date.name || taken.includes(column) || column.nulls > table.rows / 2) continue;
    if (isPersonal(column.name, valueTexts(column))) continue;
    const kind = featureKind(column, table);
    if (kind === undefined) continue;
    const name = column.name.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_');
    features.push({ name, column, kind, isFixed: kind === 'birth' || kindScore(column.name, 'sex') > 0 });
  }
  const first = (feature: FeatureGuess) => (feature.isFixed ? 0 : 1);
  return features.sort((a, b) => first(a) - first(b)).slice(0, 8);
}

function featureKind(column: ColumnFacts, table: TableFacts): FeatureGuess['kind'] | undefined {
  if (column.isDate) return kindScore(column.name, 'birth') > 0 ? 'birth' : undefined;
  if (column.kind === 'number' || (column.kind === 'integer' && column.distinct > 20))
    return column.distinct < table.rows / 2 || column.kind === 'number' ? 'number' : undefined;
  if (column.kind === 'other' || column.kind === 'date' || column.values === null || column.distinct < 2 || column.distinct > 30)
    return undefined;
  // A column is a feature only if most customers have a value that is not rare.
  const common = column.values
    .filter(({ rows }) => rows >= Math.max(20, table.rows / 50))
    .reduce((sum, { rows }) => sum + rows, 0);
  return common >= table.rows * 0.7 ? 'category' : undefined;
}
