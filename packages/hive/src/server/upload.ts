import type { ColumnBatch, StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';

/** Number of rows of one statement. It takes some seconds on a small server, and is well below Hive's limit of 10 MB. */
const statementRows = 10_000;

/**
 * Inserts rows only through statements, for small results such as distinct baskets and products. Values are in the order of the
 * table's columns.
 * @param target SQL after INSERT INTO: a table, or a table with a static partition
 * @returns number of rows inserted
 */
export async function uploadRows(
  hive: HiveEngine,
  target: string,
  columns: readonly string[],
  batches: AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>,
  options: StatementOptions = {},
): Promise<number> {
  let pending: string[] = [];
  let rows = 0;
  const flush = async (): Promise<void> => {
    rows += pending.length;
    if (pending.length > 0) await hive.run(`INSERT INTO ${target} VALUES ${pending.join(', ')}`, options);
    pending = [];
  };
  for await (const batch of batches) {
    const cells = columns.map((name) => ({ values: batch.columns[name]!, nulls: batch.nulls[name] }));
    for (let row = 0; row < batch.rows; row++) {
      pending.push(`(${cells.map(({ values, nulls }) => (nulls?.[row] ? 'NULL' : valueLiteral(hive, values, row))).join(',')})`);
      if (pending.length === statementRows) await flush();
    }
  }
  await flush();
  return rows;
}

/**
 * Literal of a value. Numbers of 64-bit floating-point columns have an exponent. Without it, Hive reads fractions as decimals,
 * and rounds all of a statement to the same number of digits.
 */
function valueLiteral(hive: HiveEngine, values: ColumnBatch['columns'][string], row: number): string {
  const value = values[row]!;
  if (typeof value === 'string') return hive.dialect.text(value);
  if (!(values instanceof Float64Array)) return String(value);
  return Number.isFinite(value) ? (value as number).toExponential() : `CAST('${value}' AS double)`;
}
