import { daysQuery, type Engine, newestCertainDay, queryRows } from '@basketwise/data';
import { onlyClass } from '@basketwise/recommend';
import { type ContactGuess, guessContacts } from './contact-log.ts';
import { guessHoldings, guessProducts, type HoldingGuess, type ProductGuess } from './guess.ts';
import { type ConsentGuess, type FeatureGuess, guessConsents, guessFeatures, guessFlags, guessSince } from './guess-customers.ts';
import { findRoles, type InitAnswers, otherTables, type Roles, type Survey } from './roles.ts';
import type { ColumnFacts, TableFacts } from './survey.ts';

/** Class of products that occurs in the tables. */
export interface ClassFacts {
  name: string;
  products: number;
  onSale: number;
  holdings: number;
}

/** Proposed content of a config about the bank's tables. */
export interface Proposal {
  survey: Survey;
  roles: Roles;
  products: ProductGuess;
  holdings: HoldingGuess;
  since: ColumnFacts | undefined;
  consents: readonly ConsentGuess[];
  /** Yes-or-no columns of customers, one of which may be a consent. Empty if a consent is found. */
  flags: readonly ColumnFacts[];
  features: readonly FeatureGuess[];
  /** Reference date that is proposed, and why. */
  referenceDate: { date: string; why: string } | undefined;
  /** Classes, by falling number of holdings. */
  classes: readonly ClassFacts[];
  others: readonly TableFacts[];
  contacts: ContactGuess | undefined;
}

/** Proposes the roles of tables and the meaning of columns. Undefined if no table refers to customers. */
export async function propose(engine: Engine, survey: Survey, choices: InitAnswers): Promise<Proposal | undefined> {
  const roles = await findRoles(survey, choices);
  if (!roles) return undefined;
  const products = guessProducts(roles, choices);
  const holdings = await guessHoldings(engine, roles, choices);
  const since = guessSince(roles);
  const consents = guessConsents(survey, roles, choices);
  const referenceDate = await referenceDateOf(engine, roles, holdings, choices);
  const decided = consents.filter(({ allowed }, i) => i === 0 || allowed !== undefined).map(({ column }) => column);
  const features = guessFeatures(roles, [since, ...decided]);
  const classes = await classesOf(engine, roles, products, referenceDate?.date);
  return {
    survey,
    roles,
    products,
    holdings,
    since,
    consents,
    flags: guessFlags(roles, consents, choices),
    features,
    referenceDate,
    classes,
    others: otherTables(survey, roles),
    contacts: guessContacts(survey, roles, (table) => consents.some((one) => one.table === table)),
  };
}

/** Newest day in the holdings. A few days that are far after all others do not count. */
async function referenceDateOf(
  engine: Engine,
  roles: Roles,
  { date }: HoldingGuess,
  choices: InitAnswers,
): Promise<Proposal['referenceDate']> {
  if (choices.referenceDate !== undefined) return { date: choices.referenceDate, why: 'as you said' };
  const { table } = roles.holdings;
  const { dated } = roles.customers;
  if (!date.column)
    return dated?.date.last
      ? { date: dated.date.last, why: `the last day of ${dated.table.name}.${dated.date.name}` }
      : undefined;
  const { dialect } = engine;
  const day = dialect.asDate(dialect.identifier(date.column.name), date.column.kind);
  const last = newestCertainDay(await queryRows(engine, daysQuery(dialect, day, table.from)));
  if (last === undefined) return undefined;
  const isLast = last === date.column.last;
  return {
    date: last,
    why: isLast
      ? `the last day of ${table.name}.${date.column.name}`
      : `hardly any day of ${table.name}.${date.column.name} is later (the last is ${date.column.last})`,
  };
}

async function classesOf(
  engine: Engine,
  { products: { table, key }, holdings: { product } }: Roles,
  guess: ProductGuess,
  referenceDate: string | undefined,
): Promise<ClassFacts[]> {
  const { dialect } = engine;
  const of = (column: ColumnFacts) => dialect.asText(`p.${dialect.identifier(column.name)}`);
  const name = guess.class.column ? `coalesce(trim(${of(guess.class.column)}), 'other')` : dialect.text(onlyClass);
  const { saleStart, saleEnd, sold } = guess;
  const [start, end] = [saleStart, saleEnd].map(({ column }) => {
    return column && referenceDate && dialect.asDate(`p.${dialect.identifier(column.name)}`, column.kind);
  });
  const ended = end
    ? `${end} < ${dialect.date(referenceDate!)}`
    : sold && !saleEnd.column
      ? `${of(sold.column)} NOT IN (${sold.live.map(dialect.text).join(', ')})`
      : 'FALSE';
  const isOff = start ? `${ended} OR ${start} > ${dialect.date(referenceDate!)}` : ended;
  const held = product
    ? `LEFT JOIN (SELECT trim(${dialect.asText(dialect.identifier(product.from.column.name))}) AS k, count(*) AS n FROM ${product.from.table.from} t GROUP BY 1) h ON h.k = trim(${of(key!)})`
    : 'LEFT JOIN (SELECT 0 AS n) h ON FALSE';
  const sql =
    `SELECT ${name} AS name, CAST(count(*) AS DOUBLE) AS products, CAST(count(CASE WHEN ${isOff} THEN NULL ELSE 1 END) AS DOUBLE) AS on_sale,` +
    ` CAST(coalesce(sum(h.n), 0) AS DOUBLE) AS holdings FROM ${table.from} p ${held} GROUP BY 1 ORDER BY 4 DESC, 1`;
  const rows = await queryRows(engine, sql);
  return rows.map((row) => ({
    name: String(row.name),
    products: Number(row.products),
    onSale: Number(row.on_sale),
    holdings: Number(row.holdings),
  }));
}
