import { rm } from 'node:fs/promises';
import { AppError, daysSinceEpoch } from '@basketwise/core';
import { type DuckdbEngine, groupRows } from '../duckdb/engine.ts';
import { localRows } from '../duckdb/local-rows.ts';
import { dateHint } from '../engine/date-format.ts';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import type { SnapshotFeatures } from '../snapshot/manifest.ts';
import { featureColumn, isInCustomers } from './features.ts';
import { checkHistory, type HistoryTable, historyPlace as place } from './history.ts';
import type { ExtractRequest, FeatureRequest } from './request.ts';
import { faultyRows, type Sources, type SourceTable } from './source-table.ts';
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
  const usable = `id IS NOT NULL AND as_of <= ${dialect.date(features.tableDate)}`;
  await refuseRepeated(
    engine,
    `(SELECT * FROM ${historyRows(dialect, table, features, texts)} history WHERE ${usable}) used`,
    table.label,
    options,
  );
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
  const [first, last] = [found!.first_day as string | null, found!.last_day as string | null];
  judgeReach(features, earlier, table.label, last);
  const known = earlier.filter((date) => {
    const day = found![`newest_${date}`] as string | null;
    return day !== null && daysSinceEpoch(features.dates[date]!) - daysSinceEpoch(day) <= knownDays;
  });
  const counts = { read: table.rows, withoutKey: Number(found!.without_key), afterReference: Number(found!.after_reference) };
  return { known, counts: { ...counts, first: first!, last: last! } };
}

/** Throws if a customer has several rows of one date that are not equal. */
async function refuseRepeated(engine: Engine, from: string, label: string, options: StatementOptions): Promise<void> {
  const repeatedIn = async (rows: string) => {
    const pairs = `(SELECT id, as_of FROM ${rows} GROUP BY id, as_of HAVING count(*) > 1) repeated`;
    return (await queryCounts(engine, { repeated: 'count(*)' }, pairs, { ...options, place })).repeated;
  };
  if ((await repeatedIn(from)) === 0) return;
  const repeated = await repeatedIn(`(SELECT DISTINCT * FROM ${from}) unequal`);
  if (repeated === 0) return;
  throw new AppError(
    'bad-data',
    `${place}: ${label} has rows with different values for ${repeated} pairs of a customer and a date`,
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

/**
 * Bytes of the engine's memory for a value of the history while it is read: about 27, which the engine cannot write to disk, and room
 * for other data.
 */
const valueBytes = 40;
/** Numbers of customers of parts are multiples of this. */
const partRows = groupRows / 4;

/** Past values to write. */
export interface PastSelection {
  /** SQL of the columns, over the customers `c` and the joined relations. */
  columns: readonly string[];
  /** Joins of the customers `c`, for the customers whose ids satisfy an SQL condition on `id`. Empty condition: all customers. */
  joins: (ids: string) => string;
  /** Whether `joins` reads the history, so that a statement for many customers takes much memory. */
  isHeavy: boolean;
}

/**
 * Writes past values as a Parquet file, in the order of the customers. A heavy selection is written in parts of customers, which
 * are then joined. The bytes of the file do not depend on the parts.
 * @param files customers.parquet of the snapshot, and the file to write
 */
export async function writePast(
  workbench: DuckdbEngine,
  selection: PastSelection,
  files: { customers: string; past: string },
  options: StatementOptions,
): Promise<void> {
  const { text } = workbench.dialect;
  const customers = `read_parquet(${text(files.customers)})`;
  const select = (ids: string) =>
    `SELECT c.customer, ${selection.columns.join(', ')} FROM (FROM ${customers}${ids && ` WHERE ${ids}`}) c ${selection.joins(ids)} ORDER BY c.customer`;
  const firsts = selection.isHeavy ? await firstIds(workbench, customers, selection.columns.length, options) : [];
  if (firsts.length < 2) return await workbench.copyToParquet(select(''), files.past, options);
  const bounds = firsts.slice(1).map(text);
  const parts = [undefined, ...bounds].map((from, i) => ({
    ids: [from && `id >= ${from}`, bounds[i] && `id < ${bounds[i]}`].filter(Boolean).join(' AND '),
    file: workbench.temporaryFile('.parquet'),
  }));
  try {
    for (const { ids, file } of parts) await workbench.copyToParquet(select(ids), file, options, 'COMPRESSION uncompressed');
    await workbench.copyToParquet(`FROM read_parquet([${parts.map(({ file }) => text(file)).join(', ')}])`, files.past, options);
  } finally {
    await Promise.all(parts.map(({ file }) => rm(file, { force: true })));
  }
}

/** Ids of the first customers of parts whose values fit into the engine's memory. */
async function firstIds(
  workbench: DuckdbEngine,
  customers: string,
  columns: number,
  options: StatementOptions,
): Promise<string[]> {
  const limit = `SELECT parse_formatted_bytes(current_setting('memory_limit')) AS bytes`;
  const [memory] = await queryRows(workbench, limit, options);
  const size = partRows * Math.max(1, Math.floor(Number(memory!.bytes) / valueBytes / columns / partRows));
  const first = `SELECT id FROM ${customers} WHERE customer % ${size} = 0 ORDER BY customer`;
  return (await queryRows(workbench, first, options)).map(({ id }) => String(id));
}
