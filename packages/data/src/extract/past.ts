import { AppError } from '@basketwise/core';
import { daysSinceEpoch } from '@basketwise/core/parts';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { localRows } from '../duckdb/local-rows.ts';
import { dateHint } from '../engine/date-format.ts';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import type { SnapshotFeatures } from '../snapshot/manifest.ts';
import { faultyRows } from './faulty-rows.ts';
import { featureColumn, isInCustomers } from './features.ts';
import { checkHistory, type HistoryTable, historyPlace as place } from './history.ts';
import { writePast } from './past-file.ts';
import type { ExtractRequest, FeatureRequest } from './request.ts';
import type { Sources, SourceTable } from './source-table.ts';
import { dateColumn, historyRows } from './statement.ts';

/** Largest age, in days, of a past value that is used: a year, so that one state of the customers per year suffices. */
const knownDays = 366;

/** Past values that were extracted. */
export interface ExtractedFeatures {
  summary: SnapshotFeatures;
  /** Query with which the history was read. Null if it was not read. */
  query: string | null;
  isWritten: boolean;
}

/**
 * Writes the past values of changing features in the order of the customers. Writes no file if there are none. The values come
 * from two sources:
 * - the history, as of each date
 * - values that earlier runs saved, for dates of which the history has no data
 * @throws AppError bad-data for an invalid history
 */
export async function extractPast(
  engine: Engine,
  workbench: DuckdbEngine,
  request: ExtractRequest,
  sources: Sources,
  files: { customers: string; past: string },
  options: StatementOptions,
): Promise<ExtractedFeatures | undefined> {
  const { features } = request;
  if (features === undefined) return undefined;
  const table = await checkHistory(engine, request, sources, options);
  const history = table && (await readHistory(engine, workbench, table, features, options));
  const cells = pastCells(engine.dialect, workbench.dialect, features, history);
  const { dialect } = workbench;
  const columns = cells.map(({ value, column }) => `${value} AS ${column}`);
  if (columns.length > 0) {
    const kept = features.kept.map(
      ({ file }, i) => `LEFT JOIN read_parquet(${dialect.text(file)}) kept_${i} ON c.id = kept_${i}.id`,
    );
    const from = history?.from;
    const joins = (ids: string) => [...(from ? [`LEFT JOIN ${from(ids)} history ON c.id = history.id`] : []), ...kept].join(' ');
    const isHeavy = Boolean(from) && engine === workbench;
    await writePast(workbench, { columns, joins, isHeavy }, files, { ...options, place });
  }
  return {
    summary: summaryOf(engine.dialect, features, cells, history),
    query: history?.query ?? null,
    isWritten: cells.length > 0,
  };
}

/** Features of a request as if the customers table had all their values at each date. */
export function featuresInCustomers(dialect: Dialect, features: FeatureRequest): SnapshotFeatures {
  return summaryOf(dialect, features, [], undefined);
}

/** Source of the value of a feature at one date. */
interface PastCell {
  item: number;
  date: number;
  /** SQL, in the workbench, over the joined relations. */
  value: string;
  /** Name of the snapshot's column. */
  column: string;
}

/** Sources of past values, for each changing feature and each date except the date of the customers table. */
function pastCells(dialect: Dialect, workbench: Dialect, features: FeatureRequest, history: History | undefined): PastCell[] {
  const cells: PastCell[] = [];
  for (const [item, { name, kind }] of features.items.entries()) {
    for (const [date, day] of features.dates.entries()) {
      if (isInCustomers(dialect, features, item, date)) continue;
      const column = featureColumn(dialect, features, item, date).name;
      const kept = features.kept.findIndex((one) => one.date === day && one.columns.includes(name));
      if (history?.known.includes(date) && history.items.includes(item))
        cells.push({ item, date, value: `history.${column}`, column });
      else if (kept >= 0) {
        const value = `kept_${kept}.${workbench.identifier(name)}`;
        cells.push({ item, date, value: kind === 'number' ? workbench.asNumber(value) : workbench.asText(value), column });
      }
    }
  }
  return cells;
}

function summaryOf(
  dialect: Dialect,
  features: FeatureRequest,
  cells: readonly PastCell[],
  history: History | undefined,
): SnapshotFeatures {
  const columns = features.items.map(({ name, kind }, item) => ({
    ...{ name, kind },
    at: features.dates.map((_, date) => {
      if (isInCustomers(dialect, features, item, date))
        return { table: 'customers' as const, column: featureColumn(dialect, features, item, date).name };
      const cell = cells.find((one) => one.item === item && one.date === date);
      return cell ? { table: 'past' as const, column: cell.column } : null;
    }),
  }));
  const kept = features.kept.map(({ file: _, ...written }) => written);
  return {
    ...{ dates: features.dates, tableDate: features.tableDate, columns },
    ...(history && { history: history.counts }),
    ...(kept.length > 0 && { kept }),
  };
}

/** Content of the history that was read. */
interface History {
  /**
   * Makes the relation in the workbench, for customers whose ids satisfy an SQL condition on `id`, or for more customers. Columns:
   * id, and one for each feature and known date, null for an unknown value. Null if the history has no values.
   */
  from: ((ids: string) => string) | null;
  query: string | null;
  /** Positions of the dates for which the history has values. */
  known: readonly number[];
  /** Positions of the changing features that the history has. */
  items: readonly number[];
  counts: NonNullable<SnapshotFeatures['history']>;
}

async function readHistory(
  engine: Engine,
  workbench: DuckdbEngine,
  table: HistoryTable,
  features: FeatureRequest,
  options: StatementOptions,
): Promise<History | undefined> {
  const { dialect } = engine;
  const changing = [...features.items.keys()].filter((at) => {
    const item = features.items[at]!;
    return !item.fixed && table.items.includes(item);
  });
  const earlier = [...features.dates.keys()].filter((date) => features.dates[date] !== features.tableDate);
  if (changing.length === 0 || earlier.length === 0) return undefined;
  const { counts, known } = await countHistory(engine, table, features, earlier, options);
  const columns = changing.flatMap((item) => known.map((date) => ({ date, ...featureColumn(dialect, features, item, date) })));
  if (columns.length === 0) return { from: null, query: null, known, items: changing, counts };
  const dates = known.map((date) => ({
    name: `as_of_${date}`,
    sql: `max(CASE WHEN as_of <= ${dialect.date(features.dates[date]!)} THEN as_of END)`,
  }));
  const texts = columns.map(({ name, sql }) => `${sql} AS ${name}`);
  const values = columns.map(({ name, date }) => `max(CASE WHEN h.as_of = n.as_of_${date} THEN h.${name} END) AS ${name}`);
  const queryOf = (ids: string) => {
    const rowsOf = (items: readonly string[]) => {
      const rows = historyRows(dialect, table, features, items);
      return ids ? `(SELECT * FROM ${rows} known WHERE ${ids})` : rows;
    };
    const newest = `(SELECT id, ${dates.map(({ name, sql }) => `${sql} AS ${name}`).join(', ')} FROM ${rowsOf([])} dated WHERE id IS NOT NULL GROUP BY id)`;
    return `SELECT h.id AS id, ${values.join(', ')} FROM ${rowsOf(texts)} h JOIN ${newest} n ON h.id = n.id GROUP BY h.id`;
  };
  const query = queryOf('');
  const names = ['id', ...columns.map(({ name }) => name)];
  const rows = engine === workbench ? null : await localRows(engine, workbench, query, names, { ...options, place });
  return { from: (ids) => rows ?? `(${queryOf(ids)})`, query, known, items: changing, counts };
}

async function countHistory(
  engine: Engine,
  table: SourceTable,
  features: FeatureRequest,
  earlier: readonly number[],
  options: StatementOptions,
): Promise<Pick<History, 'known' | 'counts'>> {
  const { dialect } = engine;
  const statement = { ...options, place };
  const { fault } = dateColumn(dialect, features.history!.date, table.typeOf);
  const limit = dialect.date(features.tableDate);
  const usable = `id IS NOT NULL AND as_of <= ${limit}`;
  const newest = (until: string) =>
    dialect.asText(`max(CASE WHEN id IS NOT NULL AND as_of <= ${dialect.date(until)} THEN as_of END)`);
  const items = [
    `count(CASE WHEN fault THEN 1 END) AS faults`,
    `count(CASE WHEN id IS NULL OR as_of IS NULL THEN 1 END) AS without_key`,
    `count(CASE WHEN id IS NOT NULL AND as_of > ${limit} THEN 1 END) AS after_reference`,
    `${dialect.asText(`min(CASE WHEN ${usable} THEN as_of END)`)} AS first_day`,
    `${dialect.asText(`max(CASE WHEN ${usable} THEN as_of END)`)} AS last_day`,
    ...earlier.map((date) => `${newest(features.dates[date]!)} AS newest_${date}`),
  ];
  const rows = historyRows(dialect, table, features, [`${fault} AS fault`]);
  const [found] = await queryRows(engine, `SELECT ${items.join(', ')} FROM ${rows} history`, statement);
  if (Number(found!.faults) > 0) {
    throw new AppError(
      'bad-data',
      `${place}: ${features.history!.date} of ${table.label} is no date in ${found!.faults} rows${await faultyRows(engine, table.from, fault, options)}`,
      dateHint(),
    );
  }
  await refuseRepeated(engine, `${historyRows(dialect, table, features, [])} history WHERE ${usable}`, table.label, statement);
  const [first, last] = [found!.first_day as string | null, found!.last_day as string | null];
  judgeReach(features, earlier, table.label, last);
  const known = earlier.filter((date) => {
    const day = found![`newest_${date}`] as string | null;
    return day !== null && daysSinceEpoch(features.dates[date]!) - daysSinceEpoch(day) <= knownDays;
  });
  const counts = { read: table.rows, withoutKey: Number(found!.without_key), afterReference: Number(found!.after_reference) };
  return { known, counts: { ...counts, first: first!, last: last! } };
}

async function refuseRepeated(engine: Engine, from: string, label: string, options: StatementOptions): Promise<void> {
  const pairs = `(SELECT id, as_of FROM ${from} GROUP BY id, as_of HAVING count(*) > 1) repeated`;
  const { repeated } = await queryCounts(engine, { repeated: 'count(*)' }, pairs, options);
  if (repeated === 0) return;
  throw new AppError(
    'bad-data',
    `${place}: ${label} has more than one row for ${repeated} pairs of a customer and a date`,
    'Deliver one row per customer and date.',
  );
}

/**
 * Checks the dates of the history.
 * @throws AppError bad-data if all rows are later than all requested dates, or all rows are too old for all of these dates
 */
function judgeReach({ dates, tableDate }: FeatureRequest, earlier: readonly number[], label: string, last: string | null): void {
  const hint = 'Deliver snapshots up to the reference date, or leave tables.customers.history out.';
  if (last === null) throw new AppError('bad-data', `${place}: no row of ${label} has an id and a date up to ${tableDate}`, hint);
  const newest = earlier
    .map((date) => dates[date]!)
    .toSorted()
    .at(-1)!;
  if (last < newest && daysSinceEpoch(newest) - daysSinceEpoch(last) > knownDays) {
    throw new AppError(
      'bad-data',
      `${place}: ${label} ends on ${last}, more than a year before ${newest}, the last date that models learn from`,
      hint,
    );
  }
}
