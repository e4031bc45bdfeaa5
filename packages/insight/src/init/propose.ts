import { daysQuery, type Engine, findVersions, mostlyRepeated, newestCertainDay, queryRows } from '@basketwise/data';
import { onlyClass } from '@basketwise/recommend';
import { contactScore, isAnswer } from './evidence.ts';
import {
  asSaid,
  type FeatureGuess,
  guessFeatures,
  guessFlags,
  guessHoldings,
  guessProducts,
  guessSince,
  type HoldingGuess,
  type ProductGuess,
} from './guess.ts';
import { type ConsentGuess, guessConsents } from './guess-consents.ts';
import { type Link, linkTo } from './links.ts';
import { findRoles, type InitAnswers, otherTables, type RoleName, type Roles, type Survey } from './roles.ts';
import { type ColumnFacts, madeFact, type TableFacts } from './survey.ts';
import { kindScore } from './words.ts';

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
  const found = await findRoles(survey, choices);
  if (!found) return undefined;
  const products = guessProducts(found, choices);
  const holdings = await guessHoldings(engine, found, choices);
  const roles = { ...found, doubts: await findDoubts(engine, found, holdings) };
  const since = guessSince(roles);
  const consents = guessConsents(survey, roles, choices);
  const referenceDate = await referenceDateOf(engine, roles, holdings, choices);
  const features = guessFeatures(roles, [
    since,
    ...consents.filter(({ readings }, i) => i === 0 || readings.length > 0).map(({ column }) => column),
  ]);
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
  if (choices.referenceDate !== undefined) return { date: choices.referenceDate, why: asSaid };
  const { table } = roles.holdings;
  const states = madeFact(table, 'asOf') ?? madeFact(roles.customers.table, 'asOf');
  const ofStates = states === undefined ? undefined : { date: states, why: `the newest day of ${table.name}` };
  if (!date.column) return ofStates;
  const { dialect } = engine;
  const day = dialect.asDate(dialect.identifier(date.column.name), date.column.kind);
  const last = newestCertainDay(await queryRows(engine, daysQuery(dialect, day, table.from)));
  if (last === undefined || (madeFact(table, 'asOf') ?? '') > last) return ofStates;
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

/** Reasons, by role, why a run would refuse a table, although its keys fit: it has several rows for a person or a holding. */
async function findDoubts(
  engine: Engine,
  { customers, holdings }: Roles,
  { date, closed }: HoldingGuess,
): Promise<Partial<Record<RoleName, string>>> {
  const { table, id } = customers;
  const versions = await findVersions(engine, table.from, await engine.columns(`${table.from} t`), { id: id.name });
  const ofPersons =
    versions &&
    `rows of ${table.name} are versions of one person: ${versions.key} repeats${versions.mark ? `, and by ${versions.mark} at most one row of each is valid` : ''}. Select one with \`sql\` and take ${versions.key} for the id, or set shared: [${versions.key}]`;
  const columns = [holdings.customer.from.column, holdings.product?.from.column, date.column, closed.column];
  const names = columns.flatMap((column) => (column ? [engine.dialect.identifier(column.name)] : []));
  const groups = `(SELECT count(*) AS n FROM ${holdings.table.from} t GROUP BY ${names.join(', ')}) g`;
  const [row] = await queryRows(engine, `SELECT CAST(sum(n - 1) AS DOUBLE) AS more, CAST(sum(n) AS DOUBLE) AS n FROM ${groups}`);
  const isMost = holdings.product !== undefined && mostlyRepeated(Number(row!.more), Number(row!.n));
  const ofHoldings = `${row!.more} of ${row!.n} rows of ${holdings.table.name} repeat another row: it is no list of holdings, or needs a query with one row for each`;
  return { ...(ofPersons !== undefined && { customers: ofPersons }), ...(isMost && { holdings: ofHoldings }) };
}

/** Guess of the table that logs contacts with customers, and of its columns. */
interface ContactGuess {
  table: TableFacts;
  customer: Link;
  when: ColumnFacts;
  /** Column that names the products or campaigns of contacts. Undefined if there is none. */
  what: { column: ColumnFacts; by: 'code' | 'name' | 'campaign' } | undefined;
  answer: ColumnFacts | undefined;
}

/** Score from which a table counts as a contact log. A table reaches it with two of three signs: channels, answers and names. */
const leastScore = 0.5;

/** Looks for a contact log among the tables that have no role. */
function guessContacts(survey: Survey, roles: Roles, isTaken: (table: TableFacts) => boolean): ContactGuess | undefined {
  const { customers, products } = roles;
  const logs = otherTables(survey, roles)
    .filter((table) => !isTaken(table) && contactScore(table) >= leastScore)
    .sort((a, b) => contactScore(b) - contactScore(a));
  for (const table of logs) {
    const customer = linkTo(survey.links, table, customers.table, customers.id);
    const dates = table.columns.filter(({ isDate, first }) => isDate && first !== null);
    const when = dates.find(({ name }) => kindScore(name, 'recorded') === 0) ?? dates[0];
    if (!customer || customer.share < 0.5 || !when) continue;
    const product = linkTo(survey.links, table, products.table, undefined);
    const campaign = table.columns.find(
      (column) => column.kind === 'text' && column !== customer.from.column && /campa|kampagne|캠페인/i.test(column.name),
    );
    const answers = table.columns.filter((column) => isAnswer(column) || kindScore(column.name, 'answer') > 0);
    return {
      ...{ table, customer, when, answer: answers.find(isAnswer) ?? answers[0] },
      what:
        product && product.share >= 0.8
          ? { column: product.from.column, by: product.to.column === products.key ? 'code' : 'name' }
          : campaign && { column: campaign, by: 'campaign' },
    };
  }
  return undefined;
}
