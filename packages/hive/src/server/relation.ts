import { AppError } from '@basketwise/core';
import { type Engine, hiveDialect, queryRows, type StatementOptions, type TableSource } from '@basketwise/data';

/** Table property that identifies the SQL statement that made the table. */
export const markProperty = 'basketwise.statement';

/** SQL of a source in the config, to put after FROM. Undefined if the source names neither a table nor a query. */
export function sourceInHive({ from, sql }: TableSource): string | undefined {
  if (sql) return `(\n${sql}\n)`;
  return from ? from.split('.').map(hiveDialect.identifier).join('.') : undefined;
}

/**
 * Refuses a table made by a statement other than the expected one.
 * @throws AppError missing-input
 */
export async function checkMark(
  hive: Engine,
  table: string,
  mark: string,
  label: string,
  options: StatementOptions,
): Promise<void> {
  const found = await queryRows(hive, `SHOW TBLPROPERTIES ${table} ('${markProperty}')`, options);
  if (found.some((row) => Object.values(row).includes(mark))) return;
  throw new AppError(
    'missing-input',
    `${options.place ?? 'table'}: ${label} was made for another configuration`,
    'Make the work tables again: `basketwise work-tables create`.',
  );
}
