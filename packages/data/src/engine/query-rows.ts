import type { Engine, StatementOptions } from './engine.ts';

/** Value in a small result. */
export type Scalar = number | string | null;

/** All rows of a small result, as objects by column. Bigints become numbers, which is exact for counts (below 2^53). */
export async function queryRows(
  engine: Pick<Engine, 'query'>,
  sql: string,
  options?: StatementOptions,
): Promise<Record<string, Scalar>[]> {
  const rows: Record<string, Scalar>[] = [];
  for await (const batch of engine.query(sql, options)) {
    for (let row = 0; row < batch.rows; row++) {
      const values = Object.entries(batch.columns).map(([name, column]) => {
        const value = column[row]!;
        return [name, batch.nulls[name]?.[row] ? null : typeof value === 'bigint' ? Number(value) : value] as const;
      });
      rows.push(Object.fromEntries(values));
    }
  }
  return rows;
}

/** The only row of an aggregate query. */
async function queryOne(engine: Pick<Engine, 'query'>, sql: string, options?: StatementOptions): Promise<Record<string, Scalar>> {
  return (await queryRows(engine, sql, options))[0]!;
}

/** Counts in the only row of an aggregate query, by column. A null counts as 0. */
export async function queryCounts<Name extends string>(
  engine: Pick<Engine, 'query'>,
  counts: Readonly<Record<Name, string>>,
  from: string,
  options?: StatementOptions,
): Promise<Record<Name, number>> {
  // The counts are named by position, because Hive changes the case of names.
  const select = Object.values<string>(counts).map((sql, i) => `CAST(${sql} AS BIGINT) AS count_${i}`);
  const row = await queryOne(engine, `SELECT ${select.join(', ')} FROM ${from}`, options);
  return Object.fromEntries(Object.keys(counts).map((name, i) => [name, Number(row[`count_${i}`] ?? 0)])) as Record<Name, number>;
}
