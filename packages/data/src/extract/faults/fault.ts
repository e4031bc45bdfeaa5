import type { ErrorCode } from '@basketwise/core';
import type { Engine, StatementOptions } from '../../engine/engine.ts';
import { queryCounts } from '../../engine/query-rows.ts';
import type { FormattedRelation } from '../formatted-columns.ts';
import { faultyRowNumbers, shownRows } from '../source-table.ts';
import type { TypeOf } from '../statement.ts';

/** Name of a table in a request. */
export type TableRole = 'customers' | 'products' | 'holdings' | 'customers.history' | 'contacts';

/** Fault in a bank's data: its kind, the number of rows, and the numbers of some of them. It has no values of the data. */
export interface DataFault {
  table: TableRole;
  /** Description of the fault. */
  what: string;
  /** Number of rows that have the fault. Null if it is not a fault of single rows. */
  rows: number | null;
  /** Numbers of some rows with the fault, counted from 1 in the order of the source. Empty if the source's tables have no order. */
  examples: readonly number[];
  /** Effect on a run. `stops`: the run ends. `left out`: a run continues without these rows. `odd`: a run continues with them. */
  effect: 'stops' | 'left out' | 'odd';
  /** Code of the error that the fault causes in a run. */
  code: ErrorCode;
  hint: string;
  /** For rows that are left out: the key of the config that limits them, and their share of the rows that `where` selects. */
  guard?: { name: 'max_unknown_products' | 'max_unknown_customers'; share: number };
}

/** Table that was opened to look for faults, with the columns that the request names. */
export interface OpenTable extends Pick<FormattedRelation, 'from' | 'label' | 'delivered' | 'formatted'> {
  role: TableRole;
  engine: Engine;
  rows: number;
  typeOf: TypeOf;
  options: StatementOptions;
}

/** Looks for rows of a table that satisfy a condition. Returns a fault if there are such rows, otherwise undefined. */
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

/** Makes a fault for a number of rows that satisfy a condition. */
export async function rowFault(
  table: OpenTable,
  condition: string,
  what: string,
  rows: number,
  about: Pick<DataFault, 'effect' | 'hint'>,
): Promise<DataFault> {
  return { table: table.role, what, rows, examples: await rowNumbers(table, condition), code: 'bad-data', ...about };
}

/** Largest number of texts in a list within one statement. */
const mostListed = 1000;

/**
 * Fault for rows that have one of the given texts, and are therefore left out. `rows` counts the rows of all texts; `examples`
 * are rows of the first 1,000 texts.
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

/** Changes faults to `stops` if together they leave no row, so that a run would end. */
export function stoppingTogether({ rows }: OpenTable, faults: readonly DataFault[]): DataFault[] {
  const leftOut = faults.reduce((sum, fault) => sum + fault.rows!, 0);
  return faults.map((fault) => (leftOut === rows ? { ...fault, effect: 'stops' } : fault));
}

/** Faults for values that do not have the format that the config names. */
export async function formatFaults(table: OpenTable): Promise<DataFault[]> {
  const faults: DataFault[] = [];
  for (const { name, wanted, fault, hint } of table.formatted) {
    const what = (rows: number) => `${name} is no ${wanted} in ${rows} rows`;
    faults.push(...(await faultOf({ ...table, from: table.delivered }, fault, what, { effect: 'stops', hint })));
  }
  return faults;
}

/** Predicate that is true if the value of a column is null or blank. */
export function isBlank({ engine: { dialect }, typeOf }: OpenTable, column: string): string {
  const name = dialect.identifier(column);
  return typeOf(column) === 'text' ? `(${name} IS NULL OR trim(${name}) = '')` : `${name} IS NULL`;
}

/** Text without surrounding blanks and leading zeros, in lower case. */
export function foldedText(text: string): string {
  return `regexp_replace(lower(trim(${text})), '^0+', '')`;
}

/** Whether more than half of the rows of holdings repeat another row, so that the table is no list of holdings. */
export function mostlyRepeated(more: number, rows: number): boolean {
  return 2 * more > rows;
}

/** Text for rows that equal another row. */
export const repeatedText = (rows: number) => `${rows} rows repeat another row`;

/**
 * Fault for rows that equal another row in the given columns.
 * @param mostHint hint if they are most rows, so that a run stops; absent: a run continues
 */
export async function repeatedRows(
  { role, engine, from, options }: OpenTable,
  columns: readonly (string | null | undefined)[],
  where: string,
  mostHint?: string,
): Promise<DataFault[]> {
  const names = columns.flatMap((name) => (name ? [engine.dialect.identifier(name)] : []));
  const groups = `(SELECT count(*) AS n FROM ${from} t WHERE ${where} GROUP BY ${names.join(', ')}) g`;
  const sums = { all: 'coalesce(sum(n), 0)', rows: 'coalesce(sum(n - 1), 0)' };
  const { all, rows } = await queryCounts(engine, sums, groups, options);
  const isMost = mostHint !== undefined && mostlyRepeated(rows, all);
  const hint = isMost ? mostHint : 'They count once; a join may have multiplied them.';
  const effect = isMost ? 'stops' : 'odd';
  return rows === 0 ? [] : [{ table: role, what: repeatedText(rows), rows, examples: [], effect, code: 'bad-data', hint }];
}

/** Faults for columns that are null in all rows. */
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
