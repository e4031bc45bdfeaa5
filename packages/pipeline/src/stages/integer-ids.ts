import { AppError } from '@basketwise/core';
import { type Engine, queryRows } from '@basketwise/data';

/**
 * Checks that each customer id of the snapshot is a 64-bit integer in canonical form.
 * @throws AppError bad-data with the number of ids that are not, and the position of the first
 */
export async function checkIntegerIds(engine: Engine, signal: AbortSignal): Promise<void> {
  const isOther = 'CAST(TRY_CAST(id AS BIGINT) AS VARCHAR) IS DISTINCT FROM id';
  const sql = `SELECT count(*) AS others, min(customer) + 1 AS first FROM customers WHERE ${isOther}`;
  const [row] = await queryRows(engine, sql, { signal, place: 'output.parquet.integer_ids' });
  const others = Number(row?.others);
  if (others === 0) return;
  throw new AppError(
    'bad-data',
    `output.parquet.integer_ids: ${others} ids of tables.customers.id are no integers, or would lose leading zeros; in the order of ids the first is customer ${row?.first}`,
    'Leave the key out: ids are texts then. Or write such ids as integers by `tables.customers.sql`.',
  );
}
