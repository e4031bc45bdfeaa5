import { areKeysOfOne, type DuckdbEngine, queryRows, type Scalar, yesOf } from '@basketwise/data';
import { keyFit } from './evidence.ts';
import { closingFit, openedFit, statusOf } from './guess.ts';
import type { Link } from './links.ts';
import { spansOf, stateOfDate, withObjectKey } from './made-states.ts';
import type { Plan, PlanInputs } from './made-tables.ts';
import type { Roles, Survey } from './roles.ts';
import { type ColumnFacts, canBeKey, isNearlyUnique, isUnique, type States, type TableFacts, valueTexts } from './survey.ts';

import { isPersonal, kindScore } from './words.ts';

/** Smallest number of rows of a table with states. */
const leastRows = 50;
/** Largest number of days of a table of snapshots. */
const mostDays = 400;
/** Smallest number of objects with snapshots: tables of codes have fewer. */
const leastObjects = 20;
/** Smallest share of the steps from a version to the next that adjoin, and of the rows of objects without a missing snapshot. */
const nearlyAll = 0.9;
/** Smallest share of rows that repeat a key. */
const leastRepeated = 0.05;

/** Columns that can identify objects with several rows, the likeliest first. */
function repeatedKeys({ table, table: { columns, rows } }: Pick<States, 'table'>): ColumnFacts[] {
  return columns
    .filter((column) => canBeKey(column) && column.nulls === 0 && !isPersonal(column.name, []) && column.distinct >= leastObjects)
    .filter((column) => rows - column.distinct >= leastRepeated * rows && !isNearlyUnique(column, table))
    .sort((a, b) => b.distinct - a.distinct || kindScore(b.name, 'id') - kindScore(a.name, 'id'));
}

/** Finds out whether a table has versions or snapshots of the objects of one column. Undefined if it has neither. */
async function findStates(engine: DuckdbEngine, survey: Survey, table: TableFacts): Promise<States | undefined> {
  if (table.rows < leastRows) return undefined;
  const keys = repeatedKeys({ table });
  const dates = table.columns.filter(({ isDate, first }) => isDate && first !== null);
  for (const key of keys) {
    const ranges = await findRanges(engine, table, key, dates);
    if (ranges) return ranges;
  }
  for (const key of keys) {
    const snapshots = await findSnapshots(engine, table, [key]);
    if (snapshots) return snapshots;
  }
  return (await findFlagged(engine, table, keys, dates)) ?? (await findStarts(survey, table, keys, dates));
}

const only = async (engine: DuckdbEngine, items: Readonly<Record<string, string>>, from: string) => {
  const selected = Object.entries(items).map(([name, sql]) => `CAST(${sql} AS DOUBLE) AS ${name}`);
  const [row] = await queryRows(engine, `SELECT ${selected.join(', ')} FROM ${from}`);
  return (name: string) => Number((row as Record<string, Scalar>)[name] ?? 0);
};

/** Looks for ranges of days of which each begins where the one before it ends, for the objects of a key. */
async function findRanges(engine: DuckdbEngine, table: TableFacts, key: ColumnFacts, dates: readonly ColumnFacts[]) {
  const { identifier, asDate } = engine.dialect;
  const dayOf = ({ name, kind }: ColumnFacts) => asDate(identifier(name), kind);
  for (const day of dates.filter(({ nulls, distinct }) => nulls === 0 && distinct > 1)) {
    for (const column of dates.filter((one) => one !== day)) {
      const next = `lead(${dayOf(day)}) OVER (PARTITION BY ${identifier(key.name)} ORDER BY ${dayOf(day)})`;
      const steps = `(SELECT ${dayOf(day)} AS began, ${dayOf(column)} AS ended, ${next} AS next FROM ${table.from} t) s WHERE next IS NOT NULL`;
      const counted = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`;
      const count = await only(
        engine,
        { n: 'count(*)', shared: counted('next = ended AND next > began'), apart: counted('next = ended + 1') },
        steps,
      );
      if (count('n') < leastRepeated * table.rows || count('shared') + count('apart') < nearlyAll * count('n')) continue;
      return { table, keys: [key], day, until: { column, isLast: count('apart') > count('shared') }, isSnapshot: false };
    }
  }
  return undefined;
}

/** Looks for a day by which the objects of some columns have a row for each snapshot from their first to their last. */
async function findSnapshots(engine: DuckdbEngine, table: TableFacts, keys: readonly ColumnFacts[]): Promise<States | undefined> {
  const { identifier } = engine.dialect;
  const days = table.columns.filter(
    ({ isDate, nulls, distinct }) => isDate && nulls === 0 && distinct > 1 && distinct <= Math.min(mostDays, table.rows / 20),
  );
  const names = keys.map(({ name }) => identifier(name)).join(', ');
  for (const day of days.sort((a, b) => kindScore(b.name, 'snapshot') - kindScore(a.name, 'snapshot'))) {
    const rows = `(SELECT ${names}, dense_rank() OVER (ORDER BY ${identifier(day.name)}) AS nth FROM ${table.from} t)`;
    const objects = `(SELECT count(*) AS n, count(DISTINCT nth) AS days, min(nth) AS early, max(nth) AS late FROM ${rows} r GROUP BY ${names}) o`;
    const count = await only(
      engine,
      {
        ...{ n: 'count(*)', days: 'sum(days)', several: 'sum(CASE WHEN days > 1 THEN days ELSE 0 END)' },
        whole: 'sum(CASE WHEN days > 1 AND late - early + 1 = days THEN days ELSE 0 END)',
      },
      objects,
    );
    const isOnce = keys.length > 1 || count('days') === table.rows;
    const isUsual = count('n') >= leastObjects && count('several') >= table.rows / 2;
    if (isOnce && isUsual && count('whole') >= nearlyAll * count('several')) return { table, keys, day, isSnapshot: true };
  }
  return undefined;
}

/** Matches names of flags of the version that is valid now. */
const currentName = /curr|latest|is_?last|aktuell|actual|vigente|courant|corrent|atual|akt|최신|현재|最新/i;

/** Looks for a flag that each object of a key has in exactly one row. */
async function findFlagged(
  engine: DuckdbEngine,
  table: TableFacts,
  keys: readonly ColumnFacts[],
  dates: readonly ColumnFacts[],
): Promise<States | undefined> {
  const { dialect } = engine;
  for (const column of table.columns.filter(({ name }) => currentName.test(name))) {
    const yes = yesOf(valueTexts(column))?.yes;
    if (yes === undefined) continue;
    for (const key of keys) {
      const isYes = `${dialect.asText(dialect.identifier(column.name))} = ${dialect.text(yes)}`;
      const count = await only(
        engine,
        { n: 'count(*)', keys: `count(DISTINCT ${dialect.identifier(key.name)})` },
        `${table.from} t WHERE ${isYes}`,
      );
      if (count('n') > 1.01 * count('keys') || count('keys') < 0.5 * key.distinct) continue;
      const day = dates.find(({ name, nulls }) => nulls === 0 && startName.test(name));
      return { table, keys: [key], day, flag: { column, yes }, isSnapshot: false };
    }
  }
  return undefined;
}

/** Matches names of the first day of a version. */
const startName = /valid|eff|version|row_|record_|scd|gültig|gueltig|vig|유효/i;

/**
 * Looks for a day of beginning alone, by its name, of which the rows of a key have different ones. The rows have a key of their own,
 * by its name, or the rows of a key have one date of birth.
 */
async function findStarts(
  { pairShare }: Survey,
  table: TableFacts,
  keys: readonly ColumnFacts[],
  dates: readonly ColumnFacts[],
): Promise<States | undefined> {
  const birth = dates.find(({ name }) => kindScore(name, 'birth') > 0);
  const isOfVersions = (key: ColumnFacts) =>
    table.columns.some((column) => isUnique(column, table) && areKeysOfOne(column.name, key.name));
  for (const day of dates.filter(({ name, nulls }) => nulls === 0 && startName.test(name))) {
    for (const key of keys) {
      const days = (await pairShare(table, key, day)) * table.rows;
      if (days < 0.99 * table.rows) continue;
      const births = birth && (await pairShare(table, key, birth)) * table.rows;
      if (isOfVersions(key) || (births !== undefined && births <= 1.02 * key.distinct))
        return { table, keys: [key], day, isSnapshot: false };
    }
  }
  return undefined;
}

/** States of each table of the survey that was looked at. Undefined for a table without. */
const known = new WeakMap<TableFacts, Promise<States | undefined>>();

/**
 * Looks for a table with several states of its objects. First the tables that refer to single states of it get the key of the object
 * instead. Then the table has its state of the reference date alone.
 */
export async function findTableStates({ engine, survey }: PlanInputs): Promise<Plan | undefined> {
  for (const table of survey.tables.filter(({ made }) => made?.states === undefined)) {
    const found = known.get(table) ?? findStates(engine, survey, table);
    known.set(table, found);
    const states = await found;
    if (!states) continue;
    const link = survey.links.find((one) => one.to.table === table && isOfState(one, survey));
    const key = states.keys[0]!.name;
    if (!link) return stateOfDate(states);
    const why = `${link.from.table.name}.${link.from.column.name} has values of ${table.name}.${link.to.column.name}, of which a ${key} has several: ${key} takes its place`;
    return withObjectKey(link, states, why);
  }
  return undefined;
}

/** A column refers to states if it has this share of their keys, or if their names have so much in common. */
const reference = { covered: 0.3, likeness: 0.5 };

/** Whether a link leads to single states of objects, and no other link of its column fits better. */
function isOfState(link: Link, { links }: Survey): boolean {
  const { from, to, share, covered } = link;
  if (!isUnique(to.column, to.table) || share < 0.5) return false;
  // A unique column is the key of its own table, in which the same numbers occur.
  const isNamed = keyFit(link).names >= reference.likeness && !isUnique(from.column, from.table);
  if (covered < reference.covered && !isNamed) return false;
  const fit = (one: Link) => keyFit(one).data + keyFit(one).names;
  return links.every((one) => one.from.table !== from.table || one.from.column !== from.column || fit(one) <= fit(link));
}

/** Looks for states in the table of holdings: each holding then counts from its first to its last. */
export async function findSpans({ engine, survey }: PlanInputs, { holdings }: Roles): Promise<Plan | undefined> {
  const { table, customer, product } = holdings;
  const [base] = table.made?.states ? table.made.parts : [table];
  if (!product || table.made?.opened !== undefined) return undefined;
  const states = table.made?.states ?? (await findSnapshots(engine, table, [customer.from.column, product.from.column]));
  if (!states?.day || (!states.isSnapshot && !states.until)) return undefined;
  const ids = [customer, product].map((link) => link.from.column.name);
  const facts = await spanFacts(engine, survey, base!, states);
  // A table of versions that has days of opening of its own has days of closing, too.
  if (!states.isSnapshot && facts.opened) return undefined;
  const made = spansOf(states, facts, ids);
  return { ...made, replaced: [table] };
}

/** Finds the columns of opening, closing and status in a table of holdings' states. */
async function spanFacts(
  engine: DuckdbEngine,
  { pairShare }: Survey,
  table: TableFacts,
  { keys, day, until, isSnapshot }: States,
) {
  const others = table.columns
    .filter(({ isDate, first }) => isDate && first !== null)
    .filter((one) => one !== day && one !== until?.column);
  const openings: ColumnFacts[] = [];
  for (const column of keys.length > 1 ? [] : others.filter(({ nulls }) => nulls <= 0.05 * table.rows)) {
    const perKey = ((await pairShare(table, keys[0]!, column)) * table.rows) / keys[0]!.distinct;
    if (perKey <= 1.05 && (await shareBefore(engine, table, column, day!)) >= 0.99) openings.push(column);
  }
  const [opened] = openings.sort((a, b) => openedFit(b, table) - openedFit(a, table));
  const [closed] = others.filter((one) => one !== opened && closingFit(one) > 0 && one.nulls + one.far > 0);
  return { opened, closed: isSnapshot ? closed : undefined, status: isSnapshot ? statusOf(table) : undefined };
}

/** Share of the rows whose first day is not after the second. */
async function shareBefore(engine: DuckdbEngine, { from }: TableFacts, first: ColumnFacts, second: ColumnFacts): Promise<number> {
  const [one, other] = [first, second].map(({ name, kind }) => engine.dialect.asDate(engine.dialect.identifier(name), kind));
  const [row] = await queryRows(engine, `SELECT avg(CASE WHEN ${one} <= ${other} THEN 1.0 ELSE 0.0 END) AS share FROM ${from} t`);
  return Number(row!.share);
}
