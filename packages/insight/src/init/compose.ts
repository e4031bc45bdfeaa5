import { type DuckdbEngine, farDay, queryRows, yesOf } from '@basketwise/data';
import { findHolderPairs, findSecondHolders, findStatusEnds } from './compose-holdings.ts';
import { findWide } from './compose-wide.ts';
import { guessProducts } from './guess.ts';
import { findLinks, type Link, linkTo, measureLink } from './links.ts';
import { joined, newestRows, type Plan, type PlanInputs, united, withClassNames, withoutCopies } from './made-tables.ts';
import { findRoles, type InitAnswers, otherTables, type Roles, type Survey } from './roles.ts';
import { findSpans, findTableStates } from './states.ts';
import {
  type ColumnFacts,
  canBeKey,
  columnOf,
  isNearlyUnique,
  isUnique,
  type MadeTable,
  partNames,
  type SqlTexts,
  surveyTable,
  type TableFacts,
  valueTexts,
} from './survey.ts';
import { isPersonal, kindScore, likeness } from './words.ts';

/** Step that plans how to make a table from other tables. Returns undefined if the data give no reason for it. */
type Composition = (inputs: PlanInputs, roles: Roles) => Promise<Plan | undefined>;

/** Largest number of tables from which one step makes a table. */
const mostParts = 12;

/**
 * Makes one table per role (customers, products, holdings) from the tables found. The steps, in order:
 * - unite parts of one table, unfold a table with a column per product, and take one state of each object
 * - add holders from a table of pairs, take the first and the last day of holdings, and remove repeated ids
 * - join the columns of two customers tables, and look up names of classes
 * - add second holders, and derive closing days from a status
 */
export async function composeTables(engine: DuckdbEngine, survey: Survey, choices: InitAnswers): Promise<Survey> {
  let composed = survey;
  const compose = async (find: (inputs: PlanInputs) => Promise<Plan | undefined>) => {
    for (let i = 0; i < mostParts; i++) {
      const plan = await find({ engine, survey: composed, choices });
      if (!plan) return;
      composed = await withMade(engine, composed, plan);
    }
  };
  await compose(findParts);
  for (const plan of await findWide({ engine, survey: composed, choices })) composed = await withMade(engine, composed, plan);
  await compose(findTableStates);
  await compose(findHolderPairs);
  const steps: readonly Composition[] = [
    findSpans,
    findRepeats,
    findSplitCustomers,
    findClassNames,
    findSecondHolders,
    findStatusEnds,
  ];
  for (const step of steps) {
    await compose(async (inputs) => {
      const roles = await findRoles(inputs.survey, choices);
      return roles && step(inputs, roles);
    });
  }
  return composed;
}

/** Writes SQL for the survey's DuckDB, as of a day. */
function surveySql({ dialect }: DuckdbEngine, asOf = farDay): SqlTexts {
  return {
    column: (name) => dialect.identifier(name),
    asText: (expression) => dialect.asText(expression),
    literal: (value, { kind }) => (kind === 'text' ? dialect.text(value) : value),
    inOrder: ({ name }) => dialect.identifier(name),
    date: dialect.date(asOf),
    dayOf: (table, name) => dialect.asDate(dialect.identifier(name), columnOf(table, name).kind),
    table: ({ from }) => from,
  };
}

/** Survey in which a made table replaces the tables that it is made from. */
async function withMade(engine: DuckdbEngine, survey: Survey, { made, replaced }: Plan): Promise<Survey> {
  const from = engine.temporaryTable();
  await engine.run(`CREATE TABLE ${from} AS ${made.query(surveySql(engine, made.asOf))}`);
  const [main] = made.parts;
  const moments = new Set(
    made.parts.flatMap(({ columns }) => columns.filter(({ isMoment }) => isMoment).map(({ name }) => name)),
  );
  const surveyed = await surveyTable(engine, { name: main!.name, from, moments });
  const columns = surveyed.columns.map((column) => ({ ...column, ...formatIn(made, column.name) }));
  const table: TableFacts = { ...surveyed, columns, made };
  const isGone = (one: TableFacts) => replaced.includes(one);
  const others = survey.tables.flatMap((one) => (one === replaced[0] ? [table] : isGone(one) ? [] : [one]));
  const tables = replaced.length === 0 ? [...others, table] : others;
  const links = survey.links.filter((link) => !isGone(link.from.table) && !isGone(link.to.table));
  return {
    ...survey,
    tables,
    links: [...links, ...(await findLinks(engine, survey.sampleColumn, tables, table))],
  };
}

/**
 * Format of a column of a made table. It is the format in the original table, because the query does not change values.
 */
function formatIn({ parts, renamed }: MadeTable, name: string): Partial<ColumnFacts> {
  const own = renamed?.[name] ?? parts.flatMap(({ columns }) => columns).find((column) => column.name === name);
  const { format, isEither, hasComma } = own ?? {};
  return { ...(format !== undefined && { format }), ...(isEither && { isEither }), ...(hasComma && { hasComma }) };
}

/**
 * Smallest number of rows of tables that can be parts of one table. Tables of codes have fewer, and often have the same columns.
 */
const leastPart = 50;
/** Smallest number, and least share, of columns that parts of one table have in common. */
const commonColumns = { least: 4, share: 0.8 };

/** Looks for tables that are parts of one table: they have the same columns, and no key in common. */
async function findParts({ engine, survey }: PlanInputs): Promise<Plan | undefined> {
  const large = survey.tables.filter(({ rows }) => rows >= leastPart);
  for (const [i, one] of large.entries()) {
    for (const other of large.slice(i + 1)) {
      const key = await disjointKey(engine, survey, one, other);
      if (!key) continue;
      const parts = one.rows >= other.rows ? [one, other] : [other, one];
      const names = [...new Set(parts.flatMap(partNames))];
      return united(parts, key, `${names.join(' and ')} have the same columns and no common ${key.name}: taken as one table`);
    }
  }
  return undefined;
}

/**
 * Key column of two tables that are parts of one table: most columns are the same, and hardly any key is in both tables. Undefined
 * if the tables are not parts of one table.
 */
async function disjointKey(engine: DuckdbEngine, { sampleColumn }: Survey, one: TableFacts, other: TableFacts) {
  const find = (name: string) => other.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  const common = one.columns.filter(({ name }) => find(name));
  if (common.some(({ name, format }) => find(name)!.format !== format)) return undefined;
  const most = Math.max(one.columns.length, other.columns.length);
  if (common.length < commonColumns.least || common.length < commonColumns.share * most) return undefined;
  const keys = common.filter(
    (column) =>
      !isPersonal(column.name, []) &&
      canBeKey(column) &&
      isNearlyUnique(column, one) &&
      canBeKey(find(column.name)!) &&
      isNearlyUnique(find(column.name)!, other),
  );
  const [key] = [...keys].sort((a, b) => kindScore(b.name, 'id') - kindScore(a.name, 'id'));
  if (!key) return undefined;
  const { share } = await measureLink(
    engine,
    sampleColumn,
    { table: other, column: find(key.name)! },
    { table: one, column: key },
  );
  return share < 0.02 ? key : undefined;
}

/** Looks for a table of customers in which a few ids have several rows. */
async function findRepeats({ engine }: PlanInputs, { customers: { table, id } }: Roles): Promise<Plan | undefined> {
  const repeated = table.rows - id.nulls - id.distinct;
  if (repeated <= 0 || !isNearlyUnique(id, table)) return undefined;
  const key = engine.dialect.identifier(id.name);
  const several = `(SELECT ${key} AS id FROM ${table.from} t GROUP BY 1 HAVING count(*) > 1)`;
  const copies = `(SELECT DISTINCT t.* FROM ${table.from} t JOIN ${several} s ON t.${key} = s.id)`;
  const [row] = await queryRows(
    engine,
    `SELECT CAST(count(*) AS DOUBLE) AS n, (SELECT CAST(count(id) AS DOUBLE) FROM ${several} s) AS ids FROM ${copies} c`,
  );
  const said = `${repeated} of ${table.rows} rows of ${table.name} repeat the ${id.name} of another`;
  if (row!.n === row!.ids) return withoutCopies({ table, column: id }, `${said}, as copies: one of each counts`);
  const newest = table.columns.find(({ name, isDate, nulls }) => isDate && nulls < table.rows && kindScore(name, 'recorded') > 0);
  const how = newest ? `the newest by ${newest.name} counts` : 'the first in the order of the other columns counts';
  return newestRows({ table, column: id }, newest, `${said}, with other values: ${how}`);
}

/** Two tables are about the same customers if they have at least these shares of their ids in common. */
const sameCustomers = { found: 0.95, covered: 0.5 };

/** Looks for a second table that has one row per customer. */
async function findSplitCustomers({ survey }: PlanInputs, roles: Roles): Promise<Plan | undefined> {
  const { table, id } = roles.customers;
  if (!isNearlyUnique(id, table)) return undefined;
  for (const other of otherTables(survey, roles)) {
    const link = linkTo(survey.links, other, table, id);
    if (!link || !isUnique(link.from.column, other) || other.columns.length < 2) continue;
    const [own, others] = [
      { table, column: id },
      { table: other, column: link.from.column },
    ];
    const isLarger = others.column.distinct > id.distinct && isUnique(others.column, other);
    const [main, part] = isLarger ? [others, own] : [own, others];
    // The link covers at most the ids of the smaller table.
    const [found, covered] = isLarger ? [link.covered, link.share] : [link.share, link.covered];
    if (found < sameCustomers.found || covered < sameCustomers.covered || !isUnique(part.column, part.table)) continue;
    // A table of earlier states of the same customers adds no column.
    if (part.table.columns.every(({ name }) => main.table.columns.some((one) => one.name === name))) continue;
    const why = `${part.table.name} has one row for each ${part.column.name} of ${main.table.name}: its columns are joined`;
    return joined(main, part, why);
  }
  return undefined;
}

/** Largest number of rows of a table of codes. */
const mostCodes = 300;
/** Largest number of product classes. */
const mostProductClasses = 40;

/** Column with the names in a table of codes. Undefined if there is none. */
function nameIn({ columns, rows }: TableFacts, key: ColumnFacts): ColumnFacts | undefined {
  return columns
    .filter(
      ({ kind, isDate, nulls, distinct, longest }) =>
        kind === 'text' && !isDate && nulls === 0 && distinct >= 0.9 * rows && longest > key.longest,
    )
    .filter((column) => column !== key)
    .sort((a, b) => kindScore(b.name, 'name') - kindScore(a.name, 'name'))[0];
}

/** How well a column of codes suits as the class of products: by the share of codes that occur, then by the column's name. */
function classFit({ from, to, covered }: Link): number {
  return (
    covered +
    likeness(from.column.name, `${to.table.name} ${to.column.name}`) +
    2 * kindScore(from.column.name, 'class') +
    kindScore(to.table.name, 'class')
  );
}

/** Smallest fit of a column of codes. It excludes unrelated columns in which numbers such as 1 to 5 also occur. */
const leastFit = 1.2;

/** Looks for a table of codes that gives the names of the product classes. */
async function findClassNames({ survey, choices }: PlanInputs, roles: Roles): Promise<Plan | undefined> {
  const { table } = roles.products;
  if (choices.class !== undefined || table.made?.class !== undefined) return undefined;
  const { code, name } = guessProducts(roles, choices);
  const others = otherTables(survey, roles);
  const isClass = ({ from: { table: of, column }, to, share }: Link) =>
    of === table &&
    ![code.column, name.column].includes(column) &&
    others.includes(to.table) &&
    share >= 0.95 &&
    to.table.rows <= mostCodes &&
    isUnique(to.column, to.table) &&
    column.distinct <= Math.min(mostProductClasses, table.rows / 2) &&
    yesOf(valueTexts(column)) === undefined &&
    nameIn(to.table, to.column) !== undefined;
  const [best] = survey.links.filter(isClass).sort((a, b) => classFit(b) - classFit(a));
  if (!best || classFit(best) < leastFit) return undefined;
  const names = nameIn(best.to.table, best.to.column)!;
  const why = `${best.to.table.name} names the codes of ${best.from.column.name}: its ${names.name} is the class`;
  return withClassNames(best, names, why);
}
