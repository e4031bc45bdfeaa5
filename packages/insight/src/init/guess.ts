import { type Engine, queryRows, yesOf } from '@basketwise/data';
import type { ConsentGuess } from './guess-consents.ts';
import { type InitAnswers, noColumn, type Roles, rank } from './roles.ts';
import { type ColumnFacts, columnOf, isUnique, madeFact, type TableFacts, valueTexts } from './survey.ts';
import { agentsOf, isPersonal, kindScore, liveOf } from './words.ts';

/** Column chosen for a meaning, the evidence for it, and other candidates. */
export interface Guess {
  column: ColumnFacts | undefined;
  why: string;
  others: readonly ColumnFacts[];
}

/** Columns of the products table, by meaning. */
export interface ProductGuess {
  by: 'code' | 'name';
  code: Guess;
  name: Guess;
  class: Guess;
  saleStart: Guess;
  saleEnd: Guess;
  /**
   * Column that says whether a product is on sale (yes or no, or a status), and the values that mean "on sale". Undefined if there is
   * no such column.
   */
  sold: { column: ColumnFacts; live: readonly string[] } | undefined;
}

/** Columns of the holdings table, by meaning. */
export interface HoldingGuess {
  date: Guess;
  closed: Guess;
  status: { column: ColumnFacts; live: readonly string[] } | undefined;
  /** Column of the roles of persons, and the roles without a holding. */
  agents: { column: ColumnFacts; values: readonly string[] } | undefined;
}

/** Evidence of a column that a person has chosen. */
export const asSaid = 'as you said';

/** Choice of the person: a column, or `-` for none. Undefined if the person made none. */
function chosen(table: TableFacts, name: string | undefined): Guess | undefined {
  if (name === noColumn) return { column: undefined, why: asSaid, others: [] };
  const column = table.columns.find((one) => one.name === name);
  return column && { column, why: asSaid, others: [] };
}

function guess(table: TableFacts, fit: (column: ColumnFacts) => number, why: (column: ColumnFacts) => string): Guess {
  const [column, ...others] = rank(table, fit);
  return { column, why: column ? why(column) : '', others: others.slice(0, 4) };
}

/** Chooses the columns of the products table: code, name, class, first and last day of sale. */
export function guessProducts(roles: Roles, choices: InitAnswers): ProductGuess {
  const { table } = roles.products;
  const { by, code, name } = guessCodes(roles, choices);
  const startFit = (column: ColumnFacts) =>
    column.isDate
      ? 2 * kindScore(column.name, 'saleStart') - 2 * kindScore(column.name, 'saleEnd') - 2 * kindScore(column.name, 'recorded')
      : 0;
  return {
    ...{ by, code, name, class: guessClass(table, [code.column, name.column], choices) },
    saleStart: guess(table, startFit, ({ nulls }) => `dates, none in ${nulls} of ${table.rows} rows`),
    saleEnd: guess(
      table,
      (column) =>
        column.isDate
          ? 2 * kindScore(column.name, 'saleEnd') -
            2 * kindScore(column.name, 'opened') -
            2 * kindScore(column.name, 'recorded') +
            (2 * (column.nulls + column.far) > table.rows ? 0.5 : 0)
          : 0,
      ({ nulls, far }) => `dates, none or far off in ${nulls + far} of ${table.rows} rows`,
    ),
    sold: soldOf(table),
  };
}

/** Chooses the columns of a product's code and name. Finds whether holdings refer to products by code or by name. */
function guessCodes({ products: { table, key } }: Roles, choices: InitAnswers): Pick<ProductGuess, 'by' | 'code' | 'name'> {
  const isOtherKey = (column: ColumnFacts) =>
    isUnique(column, table) && column !== key && (column.kind === 'text' || column.kind === 'integer');
  const isName = key !== undefined && kindScore(key.name, 'name') > kindScore(key.name, 'id') && table.columns.some(isOtherKey);
  const by = isName ? 'name' : 'code';
  const pointed = { column: key, why: 'its values are in the holdings', others: [] };
  const codeFit = (column: ColumnFacts) =>
    isOtherKey(column) ? 0.5 + kindScore(column.name, 'id') - kindScore(column.name, 'name') + shortness(column) : 0;
  const code =
    chosen(table, choices.code) ?? (by === 'code' && key ? pointed : guess(table, codeFit, () => 'it differs for every product'));
  const isText = (column: ColumnFacts) => column.kind === 'text' && !column.isDate && column.nulls === 0;
  const nameFit = (column: ColumnFacts) =>
    isText(column) && column !== code.column && column.distinct >= table.rows / 2
      ? 0.5 + 2 * kindScore(column.name, 'name') - shortness(column)
      : 0;
  const name =
    chosen(table, choices.name) ?? (by === 'name' ? pointed : guess(table, nameFit, () => 'its texts are nearly all distinct'));
  return { by, code, name };
}

/** Chooses the class: names from a table of codes, or a column with few values. */
function guessClass(table: TableFacts, taken: readonly (ColumnFacts | undefined)[], choices: InitAnswers): Guess {
  const wanted = chosen(table, choices.class);
  if (wanted) return wanted;
  if (table.made?.class !== undefined) return { column: columnOf(table, table.made.class), why: table.made.why, others: [] };
  const fit = (column: ColumnFacts) => {
    if (taken.includes(column) || column.isDate || column.distinct < 2) return 0;
    if ((column.kind !== 'text' && column.kind !== 'integer') || column.distinct > Math.min(40, table.rows / 2)) return 0;
    const values = valueTexts(column);
    const isFlag = yesOf(values) !== undefined || liveOf(values) !== undefined || kindScore(column.name, 'status') > 0;
    const perClass = table.rows / column.distinct;
    return (
      (isFlag ? -5 : 0) +
      2 * kindScore(column.name, 'class') +
      (column.kind === 'text' ? 0.4 : 0.1) +
      Math.min(1, perClass / 5) -
      (column.nulls > 0 ? 1 : 0)
    );
  };
  return guess(
    table,
    fit,
    ({ distinct, nulls }) => `${distinct} values over ${table.rows} products${nulls > 0 ? `, missing in ${nulls} rows` : ''}`,
  );
}

/** Evidence, 0 to 0.3, that a column has codes. Codes are shorter than names. */
function shortness({ kind, longest }: ColumnFacts): number {
  return kind === 'text' && longest > 12 ? 0 : 0.3;
}

function soldOf(table: TableFacts): ProductGuess['sold'] {
  for (const column of table.columns) {
    const values = valueTexts(column);
    const yes = kindScore(column.name, 'sold') > 0 ? yesOf(values)?.yes : undefined;
    const live = yes === undefined ? kindScore(column.name, 'status') > 0 && liveOf(values) : [yes];
    if (live) return { column, live };
  }
  return undefined;
}

/** Evidence that a column is a closing date, by its name. A name for the end of a month does not count. */
export function closingFit({ name }: ColumnFacts): number {
  return kindScore(name, 'snapshot') > 0 ? 0 : kindScore(name, 'closed');
}

/** How well a column of dates suits as the day of opening. */
export function openedFit(column: ColumnFacts, { rows }: TableFacts): number {
  return (
    2 +
    2 * kindScore(column.name, 'opened') -
    2 * closingFit(column) -
    1.5 * kindScore(column.name, 'recorded') -
    column.nulls / rows -
    (column.far > 0 ? 1 : 0)
  );
}

/** How well a column of dates suits as the day of closing. */
function closedFit(column: ColumnFacts): number {
  const isEarly = /matur|expir|venc|f[äa]e?llig|[eé]ch[eé]ance|만기/i.test(column.name);
  return (
    2 * closingFit(column) +
    (column.nulls + column.far > 0 ? 0.7 : -0.5) -
    2 * kindScore(column.name, 'opened') -
    3 * kindScore(column.name, 'recorded') -
    (isEarly ? 1 : 0)
  );
}

/** Column that the query of a made table has for a meaning. */
function madeGuess(table: TableFacts, name: 'opened' | 'closed'): Guess | undefined {
  const column = madeFact(table, name);
  return column === undefined ? undefined : { column: columnOf(table, column), why: 'see the query', others: [] };
}

/** Chooses the columns of the days on which holdings were opened and closed, and of their status. */
export async function guessHoldings(engine: Engine, roles: Roles, choices: InitAnswers): Promise<HoldingGuess> {
  const { table } = roles.holdings;
  const dateFit = (column: ColumnFacts) =>
    column.isDate && column.first !== null && column.name !== madeFact(table, 'closed') ? openedFit(column, table) : 0;
  const date =
    chosen(table, choices.date) ??
    madeGuess(table, 'opened') ??
    guess(table, dateFit, ({ first, last }) => `dates from ${first} to ${last}`);
  let closed =
    chosen(table, choices.closed) ??
    madeGuess(table, 'closed') ??
    guess(
      table,
      (column) => (column.isDate && column !== date.column ? closedFit(column) : 0),
      () => '',
    );
  if (closed.column && date.column) {
    const after = await shareAfter(engine, table, date.column, closed.column);
    const open = closed.column.nulls + closed.column.far;
    const why = closed.why || `never before ${date.column.name}; none or far off in ${open} of ${table.rows} rows`;
    closed =
      after < 0.99 && closed.why === ''
        ? { column: undefined, why: '', others: [closed.column, ...closed.others] }
        : { ...closed, why };
  }
  return { date, closed, status: statusOf(table), agents: agentsIn(table) };
}

/** Column of the statuses of holdings, and its values that mean that the product is held. */
export function statusOf(table: TableFacts): HoldingGuess['status'] {
  for (const column of table.columns) {
    const live = liveOf(valueTexts(column));
    if (live && (kindScore(column.name, 'status') > 0 || column.distinct <= 6)) return { column, live };
  }
  return undefined;
}

/** Column of the roles of persons in a table, and the roles without a holding. */
export function agentsIn({ columns }: TableFacts): HoldingGuess['agents'] {
  for (const column of columns) {
    const values = column.kind === 'text' ? agentsOf(column.name, valueTexts(column)) : undefined;
    if (values) return { column, values };
  }
  return undefined;
}

/** Among the rows that have both dates, the share of rows whose second date is not before the first. 1 without such rows. */
async function shareAfter(engine: Engine, table: TableFacts, first: ColumnFacts, second: ColumnFacts): Promise<number> {
  const { dialect } = engine;
  const [one, other] = [first, second].map(({ name, kind }) => dialect.asDate(dialect.identifier(name), kind)) as [
    string,
    string,
  ];
  const sql = `SELECT CAST(count(CASE WHEN ${other} >= ${one} THEN 1 END) AS DOUBLE) AS after, CAST(count(CASE WHEN ${other} IS NOT NULL AND ${one} IS NOT NULL THEN 1 END) AS DOUBLE) AS n FROM ${table.from} t`;
  const [row] = await queryRows(engine, sql);
  return Number(row!.n) === 0 ? 1 : Number(row!.after) / Number(row!.n);
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
export function guessSince({ customers: { table } }: Roles): ColumnFacts | undefined {
  const fit = (column: ColumnFacts) =>
    column.isDate && kindScore(column.name, 'birth') === 0 && kindScore(column.name, 'recorded') === 0
      ? kindScore(column.name, 'joined')
      : 0;
  return [...table.columns].filter((column) => fit(column) > 0).sort((a, b) => fit(b) - fit(a))[0];
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

/** Columns of customers by which models can rank. */
export function guessFeatures({ customers: { table, id } }: Roles, taken: readonly (ColumnFacts | undefined)[]): FeatureGuess[] {
  const features: FeatureGuess[] = [];
  for (const column of table.columns) {
    if (column === id || taken.includes(column) || column.nulls > table.rows / 2) continue;
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
