import type { Link } from './links.ts';
import { equal, freeName, type Plan, plan } from './made-tables.ts';
import type { ColumnFacts, SqlTexts, States, TableFacts } from './survey.ts';

/** Column names that the query of holdings adds: the first day of a holding, and the day on which it is gone. */
const [firstSeen, goneAfter] = ['first_seen', 'gone_after'];

const listed = (sql: SqlTexts, columns: readonly ColumnFacts[]) => columns.map(({ name }) => sql.column(name)).join(', ');

/** Columns of a table that describe its objects, not a single state. */
function lasting({ table, day, until, flag, isSnapshot, keys }: States): ColumnFacts[] {
  const ofStates = [day, until?.column, flag?.column];
  const isOfRow = (column: ColumnFacts) => column.nulls === 0 && column.distinct === table.rows && !keys.includes(column);
  return table.columns.filter(
    (column) => !ofStates.includes(column) && !isOfRow(column) && (!isSnapshot || !isMonth(column, day!)),
  );
}

/** Whether a column has the day of the snapshot in another form. */
function isMonth({ isDate, distinct, first, last, nulls }: ColumnFacts, day: ColumnFacts): boolean {
  return isDate && nulls === 0 && distinct === day.distinct && first === day.first && last === day.last;
}

/** Day as of which a table of states is surveyed: that of the newest state. */
const asOfOf = ({ day }: States) => (day?.last ? { asOf: day.last } : {});

/** Plan for a table with one row per object: its state of the reference date. */
export function stateOfDate(states: States): Plan {
  const { table, keys, day, until, flag, isSnapshot } = states;
  const key = keys.map(({ name }) => name).join(' and ');
  const ids = keys.map(({ name }) => name);
  const query = (sql: SqlTexts) => {
    const names = listed(sql, lasting(states));
    const from = sql.table(table, ids);
    if (!day) return `SELECT ${names}\nFROM ${from} t\nWHERE ${flagged(sql, flag!)}`;
    const began = sql.dayOf(table, day.name);
    if (isSnapshot) {
      const newest = `(SELECT max(${began}) AS newest_day FROM ${from} t WHERE ${began} <= ${sql.date})`;
      return `SELECT ${names}\nFROM ${from} t\nJOIN ${newest} d ON ${began} = d.newest_day`;
    }
    if (until) return `SELECT ${names}\nFROM ${from} t\nWHERE ${began} <= ${sql.date} AND ${isOpen(sql, states)}`;
    return (
      `SELECT ${names}\nFROM (SELECT t.*, row_number() OVER (PARTITION BY ${listed(sql, keys)} ORDER BY ${began} DESC) AS row_of_id\n` +
      `  FROM ${from} t WHERE ${began} <= ${sql.date}) v\nWHERE row_of_id = 1`
    );
  };
  const why = isSnapshot
    ? `${table.name} has a row for each ${key} and ${day!.name}: the newest state is that of the reference date`
    : `${table.name} has a row for each version of a ${key}: ${versionWhy(states)}`;
  const history = day && { table, id: ids[0]!, date: day };
  return plan([table], { why, query, states, ...asOfOf(states), ...(history && { history }) });
}

function versionWhy({ day, until, flag }: States): string {
  if (until) return `the one from ${day!.name} to ${until.column.name} that has the reference date counts`;
  return day
    ? `the newest by ${day.name} counts`
    : `the one whose ${flag!.column.name} is ${flag!.yes} counts, whatever the reference date`;
}

function flagged(sql: SqlTexts, { column, yes }: NonNullable<States['flag']>): string {
  return column.kind === 'boolean'
    ? `${sql.asText(sql.column(column.name))} = '${yes}'`
    : `${sql.column(column.name)} = ${sql.literal(yes, column)}`;
}

/** Condition that is true if a version does not end before the reference date. */
function isOpen(sql: SqlTexts, { table, until }: States): string {
  const ended = sql.dayOf(table, until!.column.name);
  return `(${ended} IS NULL OR ${ended} ${until!.isLast ? '>=' : '>'} ${sql.date})`;
}

/** Columns of a table of holdings' states that decide when a holding begins and ends. */
export interface SpanFacts {
  /** Column with the day of opening. Undefined: a holding begins with its first state. */
  opened: ColumnFacts | undefined;
  /** Column with the day of closing, from which on a snapshot does not count. */
  closed: ColumnFacts | undefined;
  /** Status, and its values that mean that the product is held. A snapshot with another value does not count. */
  status: { column: ColumnFacts; live: readonly string[] } | undefined;
}

/** Plan for a table of holdings with one row each: its newest state, its first day, and the day on which it is gone. */
export function spansOf(states: States, { opened, closed, status }: SpanFacts, ids: readonly string[]): Plan {
  const { table, keys, isSnapshot } = states;
  const day = states.day!;
  const columns = keys.length > 1 ? keys : lasting(states);
  const query = (sql: SqlTexts) => {
    const [from, seen, names] = [sql.table(table, ids), sql.dayOf(table, day.name), listed(sql, columns)];
    const end = closed && sql.dayOf(table, closed.name);
    const conditions = [
      `${seen} <= ${sql.date}`,
      ...(status
        ? [`${sql.column(status.column.name)} IN (${status.live.map((one) => sql.literal(one, status.column)).join(', ')})`]
        : []),
      ...(end ? [`(${end} IS NULL OR ${end} > ${seen})`] : []),
    ];
    const perHolding = `OVER (PARTITION BY ${listed(sql, keys)}`;
    const ended = isSnapshot
      ? ''
      : `, CASE WHEN ${isOpen(sql, states)} THEN NULL ELSE ${sql.dayOf(table, states.until!.column.name)} END AS ${goneAfter}`;
    const newest = [
      `  SELECT ${names}, ${seen} AS seen_on, min(${seen}) ${perHolding}) AS ${firstSeen}${ended},`,
      `    row_number() ${perHolding} ORDER BY ${[`${seen} DESC`, names].join(', ')}) AS row_of_holding`,
      `  FROM ${from} t WHERE ${conditions.join(' AND ')}`,
    ];
    if (!isSnapshot)
      return [`SELECT ${names}, ${firstSeen}, ${goneAfter}`, 'FROM (', ...newest, ') s WHERE row_of_holding = 1'].join('\n');
    const days = `SELECT DISTINCT ${seen} AS seen_on FROM ${from} t WHERE ${seen} <= ${sql.date}`;
    return [
      `SELECT ${names}, ${firstSeen}, d.next_day AS ${goneAfter}`,
      'FROM (',
      ...newest,
      ') s',
      `JOIN (SELECT seen_on, lead(seen_on) OVER (ORDER BY seen_on) AS next_day FROM (${days}) m) d ON d.seen_on = s.seen_on`,
      'WHERE row_of_holding = 1',
    ].join('\n');
  };
  const key = keys.map(({ name }) => name).join(' and ');
  const left = [
    ...(status ? [`${status.column.name} ${status.live.join(', ')}`] : []),
    ...(closed ? [`no ${closed.name} yet`] : []),
  ];
  const why =
    `${table.name} has a row for each ${key} and ${day.name}: a holding begins on ${opened ? `its ${opened.name}` : 'its first day'},` +
    ` and ends on the first day without it${left.length > 0 ? ` (only rows with ${left.join(' and ')} count)` : ''}`;
  return plan([table], { why, query, ...asOfOf(states), opened: opened?.name ?? firstSeen, closed: goneAfter });
}

/** Plan for a table whose key of single states is replaced by the key of their object, such as that of a person. */
export function withObjectKey({ from, to }: Link, { keys: [key] }: States, why: string): Plan {
  const { table, column } = from;
  const others = table.columns.filter((one) => one !== column);
  const as = freeName({ ...table, columns: others }, key!.name);
  const query = (sql: SqlTexts) =>
    [
      `SELECT v.${sql.column(key!.name)} AS ${sql.column(as)}, ${others.map(({ name }) => `f.${sql.column(name)}`).join(', ')}`,
      `FROM ${sql.table(table, [column.name])} f`,
      `LEFT JOIN ${sql.table(to.table, [to.column.name, key!.name])} v ON ${equal(sql, ['v', to.column], ['f', column])}`,
    ].join('\n');
  return plan([table, to.table], { why, query, renamed: { [as]: key! } }, [table]);
}

/** Table with the states from which a table is made, for values at earlier dates. Undefined if there is none. */
export function historyOf({ made }: TableFacts): { table: TableFacts; id: string; date: ColumnFacts } | undefined {
  return made?.history ?? (made && historyOf(made.parts[0]!));
}
