import { AppError } from '@basketwise/core';
import { dateHint } from '../engine/date-format.ts';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import type { ExtractRequest } from './request.ts';
import { faultyRows, type SourceTable } from './source-table.ts';
import { dateColumn, isUsedRow, type TypeOf } from './statement.ts';

/** Check of a customer column. Faulty values end a run. */
export interface ValueCheck {
  column: string;
  /** Description of the fault, in words that follow the name of the column. */
  what: string;
  /** Predicate over the customers table that is true for a faulty value. */
  condition: string;
  hint: string;
}

/** Check for numbers that are not finite (also as text), in the rows that a run uses. */
export function finiteCheck(dialect: Dialect, column: string, request: ExtractRequest, typeOf: TypeOf): ValueCheck {
  const kind = typeOf(column);
  const name = dialect.identifier(column);
  const isNotFinite = dialect.isNotFinite(dialect.asNumber(name));
  // The converted text is checked only if it is a number. Converting any other text would end the statement.
  const fault = kind === 'text' ? `CASE WHEN ${dialect.isNoNumber(name)} THEN FALSE ELSE ${isNotFinite} END` : isNotFinite;
  const condition = `${isUsedRow(dialect, request, typeOf)} AND ${fault}`;
  return { column, what: 'is not finite', condition, hint: 'Deliver null where the value is not known.' };
}

/** Checks of the columns that are used as numbers. Columns of integers need no check. */
export function numberChecks(
  dialect: Dialect,
  request: ExtractRequest,
  typeOf: TypeOf,
  columns: ExtractRequest['columns'] = request.columns,
): ValueCheck[] {
  return columns.flatMap(({ name: column, kind: use }) => {
    const kind = use === 'number' ? typeOf(column) : undefined;
    if (kind !== 'text' && kind !== 'number') return [];
    const finite = finiteCheck(dialect, column, request, typeOf);
    if (kind === 'number') return [finite];
    const condition = dialect.isNoNumber(dialect.identifier(column));
    return [{ column, what: 'is no number', condition, hint: 'Correct the values, or deliver null.' }, finite];
  });
}

/** Check of the column with the day of joining. No check if there is no such column, or if its type is a date. */
export function sinceChecks(dialect: Dialect, { customers: { since } }: ExtractRequest, typeOf: TypeOf): ValueCheck[] {
  const { fault } = dateColumn(dialect, since, typeOf);
  if (fault === 'FALSE') return [];
  return [{ column: since!, what: 'is no date', condition: fault, hint: dateHint(', and null where it is not known') }];
}

/** Number of faulty values for each check, counted by one query. */
export async function countValues(
  engine: Engine,
  from: string,
  checks: readonly ValueCheck[],
  options: StatementOptions,
): Promise<number[]> {
  if (checks.length === 0) return [];
  const counts = checks.map(({ condition }, i) => [`faults_${i}`, `count(CASE WHEN ${condition} THEN 1 END)`]);
  const found = await queryCounts(engine, Object.fromEntries(counts) as Record<string, string>, `${from} customers`, options);
  return checks.map((_, i) => found[`faults_${i}`]!);
}

/**
 * Throws for the first check that has faulty values.
 * @throws AppError bad-data
 * @param cause error that the faulty values have caused
 */
export async function refuseValues(
  engine: Engine,
  table: SourceTable,
  checks: readonly ValueCheck[],
  options: StatementOptions,
  cause?: AppError,
): Promise<void> {
  const counts = await countValues(engine, table.from, checks, options);
  const first = counts.findIndex((count) => count > 0);
  if (first >= 0) await refuseValue(engine, table, checks[first]!, counts[first]!, options, cause);
}

/**
 * Throws an error that gives the row numbers of a check's faulty values.
 * @throws AppError bad-data
 */
export async function refuseValue(
  engine: Engine,
  { from, label }: SourceTable,
  { column, what, condition, hint }: ValueCheck,
  count: number,
  options: StatementOptions,
  cause?: AppError,
): Promise<never> {
  const rows = await faultyRows(engine, from, condition, options);
  throw new AppError(
    'bad-data',
    `tables.customers: column ${column} of ${label} ${what} in ${count} rows${rows}`,
    hint,
    cause && { cause },
  );
}

/**
 * Checks the days of joining, and the columns that are used as numbers.
 * @throws AppError bad-data
 */
export function checkCustomerValues(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<void> {
  const { dialect } = engine;
  const checks = [...numberChecks(dialect, request, table.typeOf), ...sinceChecks(dialect, request, table.typeOf)];
  return refuseValues(engine, table, checks, options);
}
