import { AppError } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { localRows } from '../duckdb/local-rows.ts';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import type { FilledColumns, RuleCounts } from '../snapshot/manifest.ts';
import { countLater, refuseIds } from './customer-ids.ts';
import { checkCustomerValues, finiteCheck, numberChecks, refuseValue, refuseValues, sinceChecks } from './customer-values.ts';
import { addedColumns, featureColumn, isInCustomers, sinceColumn } from './features.ts';
import type { ExtractRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { customerColumns, joinedWhen, ruleColumn, selectCustomers } from './statement.ts';

/** Numbers of customers that were extracted and left out. */
export interface ExtractedCustomers {
  read: number;
  nullId: number;
  /** Number of customers who were left out because they joined after the reference date. Absent: none. */
  joinedLater?: number;
  /** Number of rows that equal another row in all columns that are read. They count once. Absent: none. */
  repeated?: number;
  kept: number;
  rules: readonly RuleCounts[];
  /** Numbers of customers with a value in each column that was read. */
  filled: FilledColumns;
}

/**
 * Numbers the customers by the bytes of their ids, and writes customers.parquet. Leaves out customers who joined after the
 * reference date.
 */
export async function extractCustomers(
  engine: Engine,
  workbench: DuckdbEngine,
  table: SourceTable,
  request: ExtractRequest,
  file: string,
  options: StatementOptions,
): Promise<ExtractedCustomers & { later: string | null }> {
  const statement = { ...options, place: 'tables.customers' };
  const explain = (cause: unknown) => explainConversion(cause, engine, table, request, options);
  // DuckDB fails on text that is no number. Some other engines convert it to null, so the values are checked first.
  if (engine !== workbench) await checkCustomerValues(engine, table, request, statement);
  else await refuseValues(engine, table, sinceChecks(engine.dialect, request, table.typeOf), statement);
  const own = addedColumns(engine.dialect, request, table.typeOf);
  const joinedLater = await countLater(engine, table, request, options);
  const when = joinedLater > 0 ? joinedWhen(engine.dialect, request, table.typeOf) : undefined;
  const select = selectCustomers(engine.dialect, table.from, request, [...own.values()], when?.present);
  const later = when
    ? await localRows(engine, workbench, selectIds(engine, table.from, request, when.later), ['id'], statement)
    : null;
  const from = await localRows(engine, workbench, select, [...own.keys(), ...customerColumns(request)], statement).catch(explain);
  // If no row is excluded, the number of a row is also the number of its customer.
  const numbered =
    when === undefined && table.numbered ? numberedSelect(workbench, table.numbered, request, [...own.values()]) : undefined;
  const ids = numbered ? `(${selectIds(workbench, table.raw, request)})` : from;
  // The limit prevents dictionaries for columns of amounts. The engine would discard them in the end, after a seventh of its time.
  const write = (sql: string) => workbench.copyToParquet(sql, file, statement, 'DICTIONARY_SIZE_LIMIT 1000').catch(explain);
  const repeats = await writeInOrder(workbench, { from, numbered, ids, file }, request, write, statement);
  const counts = await countCustomers(workbench, inFile(workbench, file), table, request, options);
  return { ...(await judgeCustomers(engine, table, request, { ...counts, ...repeats, joinedLater }, options)), later };
}

/**
 * Numbers the customers in the order of their ids, and writes them, equal rows once. Returns the number of left out rows, and of
 * repeated ids that remain.
 * @param numbered query of the rows with their numbers, if the number of a row is also the number of its customer
 * @param ids relation of the ids
 */
async function writeInOrder(
  workbench: DuckdbEngine,
  { from, numbered, ids, file }: { from: string; numbered: string | undefined; ids: string; file: string },
  request: ExtractRequest,
  write: (sql: string) => Promise<unknown>,
  statement: StatementOptions,
): Promise<{ repeated: number; duplicates: number }> {
  // A join that the engine uses for a predicate or a query may change the order of rows. So the order of the file is checked.
  const { isOrdered } = await checkOrder(workbench, ids, statement);
  if (isOrdered) {
    await write(numbered ?? numberAll(from));
    if (await isNumbered(workbench, file, request, numbered !== undefined, statement)) return { repeated: 0, duplicates: 0 };
  }
  const writeSorted = async (items: string) => {
    await write(numberAll(`(SELECT ${items} FROM ${from} WHERE id IS NOT NULL ORDER BY id)`));
    return (await checkOrder(workbench, inFile(workbench, file), statement)).duplicates;
  };
  const repeatedIds = await writeSorted('*');
  const duplicates = repeatedIds > 0 ? await writeSorted('DISTINCT *') : 0;
  return { repeated: repeatedIds - duplicates, duplicates };
}

function inFile({ dialect }: DuckdbEngine, file: string): string {
  return `read_parquet(${dialect.text(file)})`;
}

/**
 * Reads the ids of a relation in its order. Returns whether they ascend strictly, and the number of ids that are equal to the
 * previous id.
 */
async function checkOrder(
  workbench: DuckdbEngine,
  from: string,
  options: StatementOptions,
): Promise<{ isOrdered: boolean; duplicates: number }> {
  const pairs = `(SELECT id, lag(id) OVER () AS before FROM ${from})`;
  const counts = {
    nulls: 'count(*) - count(id)',
    notAbove: 'count(*) FILTER (WHERE id <= before)',
    duplicates: 'count(*) FILTER (WHERE id = before)',
  };
  const { nulls, notAbove, duplicates } = await queryCounts(workbench, counts, pairs, options);
  return { isOrdered: nulls + notAbove === 0, duplicates };
}

/**
 * Whether the customers of a file are numbered by row, with ascending ids.
 * @param byRow whether the numbers are the row numbers of a table; the caller must then make sure that the table's ids ascend
 */
async function isNumbered(
  workbench: DuckdbEngine,
  file: string,
  request: ExtractRequest,
  byRow: boolean,
  options: StatementOptions,
): Promise<boolean> {
  // file_row_number is the engine's own row number. It cannot be used if the bank has a column of this name.
  const isTaken = request.columns.some(({ name }) => name.toLowerCase() === 'file_row_number');
  const row = isTaken ? 'row_number() OVER () - 1' : 'file_row_number';
  const rows = `(SELECT customer, ${row} AS file_row FROM ${inFile(workbench, file)})`;
  const { misplaced } = await queryCounts(
    workbench,
    { misplaced: 'count(*) FILTER (WHERE customer <> file_row)' },
    rows,
    options,
  );
  return misplaced === 0 && (byRow || (await checkOrder(workbench, inFile(workbench, file), options)).isOrdered);
}

/** Query of the ids in the customers table, or of the distinct ids of the rows that satisfy a predicate. */
export function selectIds({ dialect }: Pick<Engine, 'dialect'>, from: string, { customers }: ExtractRequest, where = ''): string {
  return `SELECT ${where && 'DISTINCT '}${dialect.asText(dialect.identifier(customers.id))} AS id FROM ${from} customers${where && ` WHERE ${where}`}`;
}

/** Query of the customers, each with the number of the row. It uses all threads. A count of the rows in order could not. */
function numberedSelect({ dialect }: DuckdbEngine, numbered: string, request: ExtractRequest, own: readonly string[]): string {
  return selectCustomers(dialect, numbered, request, ['CAST(row_of_table AS INTEGER) AS customer', ...own]);
}

function numberAll(customers: string): string {
  return `SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS customer, * FROM ${customers}`;
}

/**
 * Counts the customers by several conditions at once.
 * @param from relation with the columns of `selectCustomers`
 * @param also further counts to make, as SQL aggregates by name
 */
export async function countCustomers(
  engine: Engine,
  from: string,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
  also: Readonly<Record<string, string>> = {},
): Promise<Record<string, number>> {
  const counted = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`;
  const notFinite = (name: string) => counted(engine.dialect.isNotFinite(engine.dialect.identifier(name)));
  return await queryCounts(
    engine,
    {
      kept: 'count(*)',
      ...also,
      ...Object.fromEntries(floatsOf(table, request).map((name, i) => [`float ${i}`, notFinite(name)])),
      ...Object.fromEntries(filledOf(engine.dialect, request).map(({ is }, i) => [`filled ${i}`, counted(is)])),
      ...Object.fromEntries(
        request.rules.flatMap((_, i) => [
          [`true ${i}`, counted(ruleColumn(i))],
          [`false ${i}`, counted(`NOT ${ruleColumn(i)}`)],
        ]),
      ),
    } as Record<string, string>,
    from,
    options,
  );
}

/** Columns of the extracted customers, by the key of the config or the name, and SQL that is true for a row with a value. */
function filledOf(dialect: Dialect, request: ExtractRequest): { place: string; is: string }[] {
  const { customers, features, predicates, columns } = request;
  const isFilled = (kind: 'number' | 'text', column: string) =>
    kind === 'text' ? `trim(${column}) <> ''` : `${column} IS NOT NULL`;
  const date = features ? features.dates.indexOf(features.tableDate) : -1;
  const items = [...(date < 0 ? [] : features!.items).entries()].filter(([item]) =>
    isInCustomers(dialect, features!, item, date),
  );
  return [
    ...(customers.since ? [{ place: `tables.customers.${customers.since}`, is: `${sinceColumn} IS NOT NULL` }] : []),
    ...columns.map(({ name, kind }) => ({ place: `tables.customers.${name}`, is: isFilled(kind, dialect.identifier(name)) })),
    ...items.map(([item, { name, kind }]) => ({
      place: `features.${name}`,
      is: isFilled(kind, featureColumn(dialect, features!, item, date).name),
    })),
    ...predicates.map(({ name, place }) => ({ place, is: dialect.identifier(name) })),
  ];
}

/** Columns whose numbers may not be finite. Columns of integers are left out. */
function floatsOf(table: SourceTable, request: ExtractRequest): string[] {
  return request.columns
    .filter(({ name, kind }) => kind === 'number' && table.typeOf(name) !== 'integer')
    .map(({ name }) => name);
}

/**
 * Checks the counts of customers.
 * @throws AppError bad-data for invalid customers, missing-input if there are none
 */
export async function judgeCustomers(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  counts: Readonly<Record<string, number>>,
  options: StatementOptions,
): Promise<ExtractedCustomers> {
  const { kept, joinedLater: later, repeated } = counts as Record<'kept' | 'joinedLater' | 'repeated', number>;
  await refuseIds(engine, table, request, { kept, joinedLater: later, duplicates: counts.duplicates! }, options);
  for (const [i, name] of floatsOf(table, request).entries()) {
    const check = finiteCheck(engine.dialect, name, request, table.typeOf);
    if (counts[`float ${i}`]! > 0) await refuseValue(engine, table, check, counts[`float ${i}`]!, options);
  }
  return {
    read: table.rows,
    nullId: table.rows - kept - later - repeated,
    ...(later > 0 && { joinedLater: later }),
    ...(repeated > 0 && { repeated }),
    kept,
    rules: request.rules.map((rule, i) => countRule(rule, i, counts, kept)),
    filled: Object.fromEntries(
      filledOf(engine.dialect, request).map(({ place }, i) => [place, { part: counts[`filled ${i}`]!, whole: kept }]),
    ),
  };
}

function countRule(
  { reason, class: of, products }: ExtractRequest['rules'][number],
  i: number,
  counts: Readonly<Record<string, number>>,
  kept: number,
): RuleCounts {
  const [eligible, notEligible] = [counts[`true ${i}`]!, counts[`false ${i}`]!];
  return {
    reason,
    class: of ?? null,
    ...(products && { products }),
    column: ruleColumn(i),
    eligible,
    notEligible,
    unknown: kept - eligible - notEligible,
  };
}

/** Replaces the error of a failed cast, which names neither column nor row, by one that names them. */
async function explainConversion(
  cause: unknown,
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<never> {
  if (!(cause instanceof AppError) || cause.code !== 'bad-data') throw cause;
  await refuseValues(engine, table, numberChecks(engine.dialect, request, table.typeOf), options, cause);
  throw cause;
}
