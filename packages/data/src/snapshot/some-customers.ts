import { numbersInBank, type SomeCustomers } from '@basketwise/core/parts';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { appendColumns } from '../duckdb/table-appender.ts';

/**
 * Lends `use` a table in a snapshot's engine with the numbers of some of its customers as `customer`: by a semi join with it rows of others are left out
 * before anything is made of them. What is joined comes in no order.
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
