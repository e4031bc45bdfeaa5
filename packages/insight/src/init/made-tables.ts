import type { DuckdbEngine } from '@basketwise/data';
import type { ColumnRef } from './column-samples.ts';
import type { HoldingGuess } from './guess.ts';
import type { Link } from './links.ts';
import type { InitAnswers, Survey } from './roles.ts';
import { type ColumnFacts, columnOf, type MadeTable, type SqlTexts, type TableFacts } from './survey.ts';

/** Data for a step that plans how to make tables. */
export interface PlanInputs {
  engine: DuckdbEngine;
  survey: Survey;
  choices: InitAnswers;
}

/** Plan of a table that is made from other tables. It has the name of the main table. */
export interface Plan {
  made: MadeTable;
  /** Tables of the survey that it replaces. */
  replaced: readonly TableFacts[];
}

/** Plan of a table. It replaces its parts, if no other tables are named. */
export const plan = (parts: readonly TableFacts[], made: Omit<MadeTable, 'parts'>, replaced = parts): Plan => ({
  made: { parts, ...made },
  replaced,
});

/** Name that no column of the table has. It begins with `wanted`. */
export function freeName({ columns }: TableFacts, wanted: string): string {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = wanted;
  for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${wanted}_${i}`;
  return name;
}

/** Name of a table without folder and extension, to use in the name of a column. */
const stemOf = ({ name }: TableFacts) => name.replace(/\.[a-z]+(\.gz)?$/i, '').replaceAll(/[^\p{L}\p{N}]+/gu, '_');

/** SQL that compares two columns, as texts if their types differ. */
export function equal(
  sql: SqlTexts,
  [a, one]: readonly [string, ColumnFacts],
  [b, other]: readonly [string, ColumnFacts],
): string {
  const [left, right] = [`${a}.${sql.column(one.name)}`, `${b}.${sql.column(other.name)}`];
  return one.kind === other.kind ? `${left} = ${right}` : `${sql.asText(left)} = ${sql.asText(right)}`;
}

/** SQL that is true unless a column of texts has one of some values. */
export function notIn(
  sql: Pick<SqlTexts, 'column' | 'literal'>,
  { column, values }: { column: ColumnFacts; values: readonly string[] },
  alias = '',
): string {
  const list = values.map((value) => sql.literal(value, column)).join(', ');
  return `coalesce(${alias}${sql.column(column.name)}, '') NOT IN (${list})`;
}

/** Plan for a table with one row per id. It requires that all rows of an id are equal. */
export function withoutCopies({ table, column: id }: ColumnRef, why: string): Plan {
  return plan([table], { why, query: (sql) => `SELECT DISTINCT * FROM ${sql.table(table, [id.name])} t` });
}

/** Plan for a table with one row per id: the row of the newest day (ties: the first row in the order of the other columns). */
export function newestRows({ table, column: id }: ColumnRef, newest: ColumnFacts | undefined, why: string): Plan {
  const query = (sql: SqlTexts) => {
    const names = table.columns.map(({ name }) => sql.column(name));
    const day = newest && sql.inOrder(newest);
    const order = [
      ...(day ? [`CASE WHEN ${day} IS NULL THEN 1 ELSE 0 END`, `${day} DESC`] : []),
      ...names.filter((name) => name !== (newest && sql.column(newest.name)) && name !== sql.column(id.name)),
    ];
    return [
      `SELECT ${names.join(', ')}`,
      `FROM (SELECT t.*, row_number() OVER (PARTITION BY ${sql.column(id.name)} ORDER BY ${order.join(', ')}) AS row_of_id`,
      `  FROM ${sql.table(table, [id.name])} t) one`,
      `WHERE row_of_id = 1`,
    ].join('\n');
  };
  return plan([table], { why, query });
}

/** Plan for a table with the rows of several tables. A column that a table lacks is null in the rows of this table. */
export function united(parts: readonly TableFacts[], key: ColumnFacts, why: string): Plan {
  const find = ({ columns }: TableFacts, name: string) => columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
  const names = new Map(parts.flatMap(({ columns }) => columns.map(({ name }) => [name.toLowerCase(), name] as const)));
  const query = (sql: SqlTexts) =>
    parts
      .map((part) => {
        const items = [...names.values()].map((name) => {
          const own = find(part, name);
          if (!own) return `NULL AS ${sql.column(name)}`;
          const isMixed = parts.some((other) => find(other, name) && find(other, name)!.kind !== own.kind);
          const value = isMixed ? sql.asText(sql.column(own.name)) : sql.column(own.name);
          return value === sql.column(name) ? value : `${value} AS ${sql.column(name)}`;
        });
        return `SELECT ${items.join(', ')} FROM ${sql.table(part, [find(part, key.name)!.name])} t`;
      })
      .join('\nUNION ALL\n');
  return plan(parts, { why, query });
}

/** Plan for a table with additional columns from a table that has one row per id. */
export function joined(main: ColumnRef, other: ColumnRef, why: string): Plan {
  const extra = other.table.columns
    .filter((column) => column !== other.column)
    .map(({ name }) => ({ name, as: isTaken(main.table, name) ? freeName(main.table, `${name}_${stemOf(other.table)}`) : name }));
  const query = (sql: SqlTexts) => {
    const items = extra.map(({ name, as }) => `o.${sql.column(name)}${as === name ? '' : ` AS ${sql.column(as)}`}`);
    return [
      `SELECT m.*, ${items.join(', ')}`,
      `FROM ${sql.table(main.table, [main.column.name])} m`,
      `LEFT JOIN ${sql.table(other.table, [other.column.name])} o ON ${equal(sql, ['o', other.column], ['m', main.column])}`,
    ].join('\n');
  };
  const renamed = Object.fromEntries(extra.map(({ name, as }) => [as, columnOf(other.table, name)]));
  return plan([main.table, other.table], { why, query, renamed });
}

function isTaken({ columns }: TableFacts, name: string): boolean {
  return columns.some((one) => one.name.toLowerCase() === name.toLowerCase());
}

/** Plan for a products table with the names of the classes from a table of codes. */
export function withClassNames({ from, to }: Link, name: ColumnFacts, why: string): Plan {
  const as = freeName(from.table, `${from.column.name}_name`);
  const query = (sql: SqlTexts) =>
    [
      `SELECT p.*, f.${sql.column(name.name)} AS ${sql.column(as)}`,
      `FROM ${sql.table(from.table, [from.column.name])} p`,
      `LEFT JOIN ${sql.table(to.table, [to.column.name])} f ON ${equal(sql, ['f', to.column], ['p', from.column])}`,
    ].join('\n');
  return plan([from.table, to.table], { why, query, class: as });
}

/** Plan for a holdings table made from a table with two columns of customers. It has a row for each of the two customers. */
export function ofBothHolders({ table, column: first }: ColumnRef, second: ColumnFacts, why: string): Plan {
  const query = (sql: SqlTexts) => {
    const file = sql.table(table, [first.name, second.name]);
    const isAlike = first.kind === second.kind;
    const value = ({ name }: ColumnFacts) => (isAlike ? sql.column(name) : sql.asText(sql.column(name)));
    const rows = (holder: ColumnFacts) =>
      table.columns
        .filter((column) => column !== second)
        .map((column) => (column === first ? `${value(holder)} AS ${sql.column(first.name)}` : sql.column(column.name)))
        .join(', ');
    const isThere = `${sql.column(second.name)} IS NOT NULL`;
    return `SELECT ${rows(first)} FROM ${file} t\nUNION ALL\nSELECT ${rows(second)} FROM ${file} t WHERE ${isThere}`;
  };
  return plan([table], { why, query });
}

/** Links of a table that has a contract and a holder in each row: the link to contracts, and the link to customers. */
export interface HolderPairs {
  contract: Link;
  holder: Link;
  /** Column of the contracts table with a holder of its own. Undefined if there is none. */
  own: ColumnFacts | undefined;
  /** Column of the roles of persons, and the roles without a holding. */
  agents: HoldingGuess['agents'];
  /** Whether the pairs include the holders that the contracts table has. */
  isComplete: boolean;
}

/**
 * Plan for a table with one row per contract and holder. The holders come from a table of pairs. The holders in the contracts table
 * are added if the pairs do not include them.
 */
export function ofAllHolders({ contract, holder, own, agents, isComplete }: HolderPairs, why: string): Plan {
  const [pairs, contracts] = [contract.from.table, contract.to.table];
  const as = own ?? { ...holder.from.column, name: freeName(contracts, holder.from.column.name) };
  const others = contracts.columns.filter((column) => column !== own);
  const query = (sql: SqlTexts) => {
    const keys = [contract.to.column.name, ...(own ? [own.name] : [])];
    const file = sql.table(contracts, keys);
    const isAlike = own === undefined || isComplete || own.kind === holder.from.column.kind;
    const value = (column: string) => `${isAlike ? column : sql.asText(column)} AS ${sql.column(as.name)}`;
    const items = (of: string) => [value(of), ...others.map(({ name }) => `h.${sql.column(name)}`)].join(', ');
    const onKey = equal(sql, ['l', contract.from.column], ['h', contract.to.column]);
    const pairTable = sql.table(pairs, [contract.from.column.name, holder.from.column.name]);
    const isHolder = agents ? ` AND ${notIn(sql, agents, 'l.')}` : '';
    const ofPairs = `SELECT ${items(`l.${sql.column(holder.from.column.name)}`)}\nFROM ${file} h\nJOIN ${pairTable} l ON ${onKey}${isHolder}`;
    return own && !isComplete ? `SELECT ${items(`h.${sql.column(own.name)}`)} FROM ${file} h\nUNION ALL\n${ofPairs}` : ofPairs;
  };
  return plan([contracts, pairs], { why, query });
}

/** Plan for a holdings table with a day of closing: the day of a status that means that the holding has ended. */
export function endedByStatus(
  table: TableFacts,
  status: { column: ColumnFacts; live: readonly string[] },
  changed: string,
  ids: readonly string[],
  why: string,
): Plan {
  const as = freeName(table, 'ended_on');
  const query = (sql: SqlTexts) => {
    const live = status.live.map((value) => sql.literal(value, status.column)).join(', ');
    const end = `CASE WHEN ${sql.column(status.column.name)} NOT IN (${live}) THEN ${sql.column(columnOf(table, changed).name)} END`;
    return `SELECT t.*, ${end} AS ${sql.column(as)}\nFROM ${sql.table(table, ids)} t`;
  };
  return plan([table], { why, query, closed: as, renamed: { [as]: columnOf(table, changed) } });
}
