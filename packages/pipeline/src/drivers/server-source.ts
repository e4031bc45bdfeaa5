import type { DuckdbOptions, Engine } from '@basketwise/data';
import type { Source } from './driver.ts';

/** Source that reads the tables of a server. A separate DuckDB engine joins and writes rows. */
export async function serverSource(engine: Engine, options: DuckdbOptions): Promise<Source> {
  const { openDuckdb } = await import('@basketwise/data');
  const workbench = await openDuckdb(options);
  return { engine, workbench, close: async () => void (await Promise.all([engine.close(), workbench.close()])) };
}
