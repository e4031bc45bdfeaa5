import type { ColumnBatch, Engine } from '@basketwise/data';

/** A value of a small result. */
export type Value = number | string | null;

/** All rows of a small result; 64-bit integers as numbers. */
export async function queryRows(engine: Engine, sql: string, place: string): Promise<Record<string, Value>[]> {
  const rows: Record<string, Value>[] = [];
  for await (const batch of engine.query(sql, { place })) {
    for (let i = 0; i < batch.rows; i++) rows.push(rowOf(batch, i));
  }
  return rows;
}

function rowOf(batch: ColumnBatch, i: number): Record<string, Value> {
  const entries = Object.entries(batch.columns).map(([name, values]): [string, Value] => {
    const value = values[i] ?? null;
    return [name, batch.nulls[name]?.[i] === 1 ? null : typeof value === 'bigint' ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}
