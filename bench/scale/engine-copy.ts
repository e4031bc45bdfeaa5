import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckdb } from '@basketwise/data';

/**
 * Seconds that the engine alone takes to copy each of some Parquet files to Parquet, on 2 threads: what reading and writing the same bytes costs whoever does it.
 * @param sources with `*` for any text several files are one
 * @param folder for the copies, which are removed again
 * @param memory of the engine, such as `2GB`
 */
export async function engineCopySeconds(sources: readonly string[], folder: string, memory: string): Promise<number[]> {
  const engine = await openDuckdb({ memory, threads: 2, tempDirectory: join(folder, 'spill') });
  const targets = sources.map((_, i) => join(folder, `copy-${i}.parquet`));
  const { text } = engine.dialect;
  const taken: number[] = [];
  try {
    for (const [i, source] of sources.entries()) {
      const begin = performance.now();
      await engine.run(`COPY (FROM read_parquet(${text(source)})) TO ${text(targets[i]!)} (FORMAT parquet)`);
      taken.push((performance.now() - begin) / 1000);
    }
    return taken;
  } finally {
    await engine.close();
    for (const target of targets) rmSync(target, { force: true });
  }
}
