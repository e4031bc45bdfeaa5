import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckdb } from '@basketwise/data';

/** Seconds that a copy takes: of all, and of the rows that a run published alone. */
export interface EngineCopy {
  all: number;
  rows: number;
}

/**
 * The engine's own copy of what a run reads and publishes, Parquet to Parquet, on 2 threads: the least cost of reading and writing the same bytes.
 * @param data folder of the bank's tables; with `*` for any text several are one
 * @param rows the file that was published
 * @param work a folder and what the engine may use of memory there, such as `2GB`; the copies are removed again
 */
export async function engineCopy(
  data: string,
  rows: string,
  { folder, memory }: { folder: string; memory: string },
): Promise<EngineCopy> {
  const engine = await openDuckdb({ memory, threads: 2, tempDirectory: join(folder, 'spill') });
  const copy = join(folder, 'copy.parquet');
  const { text } = engine.dialect;
  const secondsOf = async (source: string) => {
    const begin = performance.now();
    await engine.run(`COPY (FROM read_parquet(${text(source)})) TO ${text(copy)} (FORMAT parquet)`);
    return (performance.now() - begin) / 1000;
  };
  try {
    let tables = 0;
    for (const table of ['customers', 'holdings', 'products']) tables += await secondsOf(join(data, `${table}.parquet`));
    const ofRows = await secondsOf(rows);
    return { all: tables + ofRows, rows: ofRows };
  } finally {
    await engine.close();
    rmSync(copy, { force: true });
  }
}
