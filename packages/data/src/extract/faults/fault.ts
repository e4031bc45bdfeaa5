import type { ErrorCode } from '@basketwise/core';
import type { Engine, StatementOptions } from '../../engine/engine.ts';
import { queryCounts } from '../../engine/query-rows.ts';
import { faultyRowNumbers, shownRows } from '../faulty-rows.ts';
import type { FormattedRelation } from '../formatted-columns.ts';
import type { TypeOf } from '../statement.ts';

/** Tables of a request. */
export type TableRole = 'customers' | 'products' | 'holdings' | 'customers.history' | 'contacts';

/** Fault of a bank's data: its kind, the number of rows, and some row numbers. Never a value. */
export interface DataFault {
  table: TableRole;
  /** Fault as text. */
  what: string;
  /** Number of rows; null if it is not a fault of rows. */
  rows: number | null;
  /** Some row numbers, from 1 in the order of the source. Empty if its tables have no order. */
  examples: readonly number[];
  /** `stops`: it ends a run. `left out`: a run continues without these rows. `odd`: a run continues with them. */
  effect: 'stops' | 'left out' | 'odd';
  /** Exit code of a run. */
  code: ErrorCode;
  hint: string;
  /** Limit of the config for these rows, and their share of the rows that `where` selects. */
  guard?: { name: 'max_unknown_products' | 'max_unknown_customers'; share: number };
}

/** Opened table, with the columns requested of it. */
export interface OpenTable extends Pick<FormattedRelation, 'from' | 'label' | 'delivered' | 'formatted'> {
  role: TableRole;
  engine: Engine;
  rows: number;
  typeOf: TypeOf;
  options: StatementOptions;
}

/** Searches for rows of a table that satisfy a condition. Returns a fault if it finds any. */
export async function faultOf(
  table: OpenTable,
  condition: string,
  what: (rows: number) => string,
  about: Pick<DataFault, 'effect' | 'hint'>,
): Promise<DataFault[]> {
  const { engine, from, options } = table;
  const { rows } = await queryCounts(engine, { rows: 'count(*)' }, `${from} faulty WHERE ${condition}`, options);
  return rows === 0 ? [] : [await rowFault(table, condition, what(rows), rows, about)];
}

/** Fault of a counted number of rows that satisfy a condition. */
export async function rowFault(
  table: OpenTable,
  condition: string,
  what: string,
  rows: number,
  about: Pick<DataFault, 'effect' | 'hint'>,
): Promise<DataFault> {
  return { table: table.role, what, rows, examples: await rowNumbers(table, condition), code: 'bad-data', ...about };
}

/** Most texts in a list of a statement. */
const mostListed = 1000;

/**
 * Fault for rows that contain one of the given texts; they are left out. `rows` counts all texts; examples are of the first 1,000
 * texts.
 */
export async function faultOfTexts(
  table: OpenTable,
  texts: readonly { text: string; rows: number }[],
  condition: (list: string) => string,
  what: (rows: number) => string,
  hint: string,
): Promise<DataFault[]> {
  if (texts.length === 0) return [];
  const rows = texts.reduce((sum, one) => sum + one.rows, 0);
  const list = texts.slice(0, mostListed).map(({ text }) => table.engine.dialect.text(text));
  const examples = await rowNumbers(table, condition(list.join(', ')));
  return [{ table: table.role, what: what(rows), rows, examples, effect: 'left out', code: 'bad-data', hint }];
}

function rowNumbers({ engine, from, options }: OpenTable, condition: string): Promise<number[]> {
  return faultyRowNumbers(engine, from, condition, shownRows, options);
}

/** Marks faults that together leave no row: a run then stops. */
export function stoppingTogether({ rows }: OpenTable, faults: readonly DataFault[]): DataFault[] {
  const leftOut = faults.reduce((sum, fault) => sum + fault.rows!, 0);
  return faults.map((fault) => (leftOut === rows ? { ...fault, effect: 'stops' } : fault));
}

/** Faults for values that lack the format of the config. */
export async function formatFaults(table: OpenTable): Promise<DataFault[]> {
  const faults: DataFault[] = [];
  for (const { name, wanted, fault, hint } of table.formatted) {
    const what = (rows: number) => `${name} is no ${wanted} in ${rows} rows`;
    faults.push(...(await faultOf({ ...table, from: table.delivered }, fault, what, { effect: 'stops', hint })));
  }
  return faults;
}

/** Predicate: a column is null or blank text. */
export function isBlank({ engine: { dialect }, typeOf }: OpenTable, column: string): string {
  const name = dialect.identifier(column);
  return typeOf(column) === 'text' ? `(${name} IS NULL OR trim(${name}) = '')` : `${name} IS NULL`;
}

/** Value of a column without leading zeros, case and surrounding blanks. */
export function foldedText(text: string): string {
  return `regexp_replace(lower(trim(${text})), '^0+', '')`;
}

/** Faults for columns that are null in every row. */
export async function emptyColumns(table: OpenTable, columns: readonly (string | null | undefined)[]): Promise<DataFault[]> {
  const names = [...new Set(columns.filter((name) => typeof name === 'string'))];
  if (names.length === 0) return [];
  const filled = names.map((name, i) => [`filled_${i}`, `count(CASE WHEN NOT (${isBlank(table, name)}) THEN 1 END)`]);
  const counts = await queryCounts(
    table.engine,
    Object.fromEntries(filled) as Record<string, string>,
    `${table.from} t`,
    table.options,
  );
  return names
    .filter((_, i) => counts[`filled_${i}`] === 0)
    .map((name) => ({
      ...{
        table: table.role,
        what: `column ${name} is null in every row`,
        rows: table.rows,
        examples: [],
        effect: 'odd' as const,
        code: 'bad-data' as const,
      },
      hint: 'Deliver it, or leave it out of the config.',
    }));
}
