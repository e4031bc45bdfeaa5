import { join } from 'node:path';
import { openDuckdb, queryRows } from '@basketwise/data';

/** All rows of a Parquet file in a bank's folder, in their order. */
export async function parquetRows(folder: string, file: string): Promise<Record<string, unknown>[]> {
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
  try {
    return await queryRows(engine, `SELECT * FROM read_parquet(${engine.dialect.text(join(folder, file))})`);
  } finally {
    await engine.close();
  }
}
