import { isRepeatedId } from '../customer-ids.ts';
import { countValues, numberChecks, sinceChecks, type ValueCheck } from '../customer-values.ts';
import type { ExtractRequest } from '../request.ts';
import { isUsedRow, predicatesOf } from '../statement.ts';
import { type DataFault, emptyColumns, faultOf, type OpenTable, repeatedRows, rowFault, stoppingTogether } from './fault.ts';

/** Finds all faults in the rows of the customers table. Derived columns are checked by `derivedFaults`. */
export async function customerFaults(table: OpenTable, request: ExtractRequest): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const { id, since } = request.customers;
  const key = dialect.identifier(id);
  const withoutId = await faultOf(table, `${key} IS NULL`, (rows) => `${rows} rows have no ${id}`, {
    effect: 'left out',
    hint: 'Deliver the id, or leave the rows out.',
  });
  const faults = [...stoppingTogether(table, withoutId), ...(await blankAround(table, id))];
  const columns = request.columns.filter(({ name }) => !(name in request.derive));
  const numbers = isOfDerived(request) ? [] : numberChecks(dialect, request, table.typeOf, columns);
  const isOwn = since && !(since in request.derive);
  const ofSince = isOwn ? sinceChecks(dialect, request, table.typeOf) : [];
  faults.push(...(await valueFaults(table, [...ofSince, ...numbers])));
  const features = (request.features?.items ?? []).flatMap((item) =>
    'column' in item && !(item.column in request.derive) ? [item.column] : [],
  );
  return [...faults, ...(await emptyColumns(table, [isOwn ? since : null, ...columns.map(({ name }) => name), ...features]))];
}

/**
 * Finds the faults in derived columns.
 * @param table the customers with their derived columns
 */
export async function derivedFaults(table: OpenTable, request: ExtractRequest): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const isAll = isOfDerived(request);
  const columns = request.columns.filter(({ name }) => isAll || name in request.derive);
  const ofSince = isAll ? sinceChecks(dialect, request, table.typeOf) : [];
  return [
    ...(await repeatedIds(table, request, false)),
    ...(await valueFaults(table, [...ofSince, ...numberChecks(dialect, request, table.typeOf, columns)])),
  ];
}

/** Whether the rows that a run uses depend on a derived column. */
function isOfDerived({ customers: { since }, derive }: ExtractRequest): boolean {
  return typeof since === 'string' && since in derive;
}

/**
 * Fault for rows with the id of another row.
 * @param all whether all columns of the table are compared, because those that a run reads cannot be made
 */
export async function repeatedIds(table: OpenTable, request: ExtractRequest, all: boolean): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const { id } = request.customers;
  if (all && isOfDerived(request)) return [];
  const unequal = isRepeatedId(dialect, table.from, request, table.typeOf, all);
  const faults = await faultOf(table, unequal, (rows) => `${rows} rows share their ${id} with another, and differ from it`, {
    effect: 'stops',
    hint: 'Deliver one row per customer.',
  });
  const used = isUsedRow(dialect, request, table.typeOf);
  return faults.length > 0 ? faults : repeatedRows(table, [id], used);
}

/** Faults for values that would end a run. */
async function valueFaults(table: OpenTable, checks: readonly ValueCheck[]): Promise<DataFault[]> {
  const counts = await countValues(table.engine, table.from, checks, table.options);
  const faults = checks.flatMap(({ column, what, condition, hint }, i) => {
    const rows = counts[i]!;
    return rows === 0 ? [] : [rowFault(table, condition, `${column} ${what} in ${rows} rows`, rows, { effect: 'stops', hint })];
  });
  return Promise.all(faults);
}

/** Fault for ids with blanks around them. They do not match the same id without blanks. */
export function blankAround(table: OpenTable, column: string): Promise<DataFault[]> {
  if (table.typeOf(column) !== 'text') return Promise.resolve([]);
  const name = table.engine.dialect.identifier(column);
  return faultOf(table, `${name} <> trim(${name})`, (rows) => `${column} has blanks around it in ${rows} rows`, {
    effect: 'odd',
    hint: 'Deliver ids without blanks: ids are compared unchanged.',
  });
}

/**
 * Faults for rules and conditions that no customer satisfies.
 * @param table the customers with their derived columns
 */
export async function predicateFaults(table: OpenTable, request: ExtractRequest): Promise<DataFault[]> {
  const faults: DataFault[] = [];
  for (const { sql, place } of predicatesOf(request)) {
    const passed = await faultOf(table, `(\n${sql}\n)`, () => '', { effect: 'odd', hint: '' });
    if (passed.length > 0) continue;
    const hint = 'Check the values of its columns: an empty column, or another spelling, excludes all customers.';
    faults.push({
      table: 'customers',
      what: `${place} is true for no customer`,
      rows: table.rows,
      examples: [],
      effect: 'odd',
      code: 'bad-data',
      hint,
    });
  }
  return faults;
}
