import { numbersInBank, type SomeCustomers } from '@basketwise/core/parts';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { appendColumns } from '../duckdb/table-appender.ts';

/**
 * Makes a temporary table in the engine of a snapshot, and calls `use` with its name. Its column `customer` has the numbers of
 * some customers. A semi join with the table removes rows of other customers early. The joined rows have no order.
 */
export async function withCustomers<T>(
  engine: DuckdbEngine,
  some: SomeCustomers,
  use: (table: string) => Promise<T>,
): Promise<T> {
  const table = engine.temporaryTable();
  await engine.run(`CREATE TABLE ${table} (customer INTEGER)`);
  try {
    await appendColumns(engine, table, some.customers, [{ values: numbersInBank(some) }]);
    return await use(table);
  } finally {
    await engine.run(`DROP TABLE ${table}`);
  }
}
