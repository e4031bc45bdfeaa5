import { dateHint } from '../../engine/date-format.ts';
import type { ExtractRequest } from '../request.ts';
import { dateColumn, isRepeatedId, predicatesOf } from '../statement.ts';
import { type DataFault, emptyColumns, faultOf, type OpenTable } from './fault.ts';

/** All faults of the rows of the customers table. */
export async function customerFaults(table: OpenTable, request: ExtractRequest): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const { id, since } = request.customers;
  const key = dialect.identifier(id);
  const faults = [
    ...(await faultOf(
      table,
      isRepeatedId(dialect, table.from, request),
      (rows) => `${rows} rows share their ${id} with another`,
      {
        effect: 'stops',
        hint: 'Deliver one row per customer.',
      },
    )),
    ...(await faultOf(table, `${key} IS NULL`, (rows) => `${rows} rows have no ${id}`, {
      effect: 'left out',
      hint: 'Deliver the id, or leave the rows out.',
    })),
    ...(await blankAround(table, id)),
  ];
  const { fault } = dateColumn(dialect, since, table.typeOf);
  if (fault !== 'FALSE')
    faults.push(
      ...(await faultOf(table, fault, (rows) => `${since} is no date in ${rows} rows`, {
        effect: 'stops',
        hint: dateHint(', and null where it is not known'),
      })),
    );
  const columns = request.columns.filter(({ name }) => !(name in request.derive));
  faults.push(...(await numberFaults(table, columns)));
  const features = (request.features?.items ?? []).flatMap((item) =>
    'column' in item && !(item.column in request.derive) ? [item.column] : [],
  );
  return [...faults, ...(await emptyColumns(table, [since, ...columns.map(({ name }) => name), ...features]))];
}

/** Faults of derived columns. @param table the customers with derived columns */
export function derivedFaults(table: OpenTable, { columns, derive }: ExtractRequest): Promise<DataFault[]> {
  return numberFaults(
    table,
    columns.filter(({ name }) => name in derive),
  );
}

/** Values of columns of numbers that are texts of no number, or not finite. */
async function numberFaults(table: OpenTable, columns: ExtractRequest['columns']): Promise<DataFault[]> {
  const faults: DataFault[] = [];
  for (const { name, kind } of columns) if (kind === 'number') faults.push(...(await faultsOfNumber(table, name)));
  return faults;
}

async function faultsOfNumber(table: OpenTable, name: string): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const column = dialect.identifier(name);
  switch (table.typeOf(name)) {
    case 'text':
      return faultOf(table, dialect.isNoNumber(column), (rows) => `${name} is no number in ${rows} rows`, {
        effect: 'stops',
        hint: 'Correct the values, or deliver null.',
      });
    case 'number':
      return faultOf(table, dialect.isNotFinite(dialect.asNumber(column)), (rows) => `${name} is not finite in ${rows} rows`, {
        effect: 'stops',
        hint: 'Deliver null where the value is not known.',
      });
    default:
      return [];
  }
}

/** Fault for ids with blanks around them, which differ from ids without. */
export function blankAround(table: OpenTable, column: string): Promise<DataFault[]> {
  if (table.typeOf(column) !== 'text') return Promise.resolve([]);
  const name = table.engine.dialect.identifier(column);
  return faultOf(table, `${name} <> trim(${name})`, (rows) => `${column} has blanks around it in ${rows} rows`, {
    effect: 'odd',
    hint: 'Deliver ids without blanks: ids are compared unchanged.',
  });
}

/** Faults for rules and conditions that exclude all customers. @param table the customers with derived columns */
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
