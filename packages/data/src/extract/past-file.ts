import { rm } from 'node:fs/promises';
import { type DuckdbEngine, groupRows } from '../duckdb/engine.ts';
import type { StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';

/**
 * Bytes of the engine's memory for a value of the history while it is read: about 27, which the engine cannot write to disk, and room
 * for other data.
 */
const valueBytes = 40;
/** Numbers of customers of parts are multiples of this. */
const partRows = groupRows / 4;

/** Past values to write. */
export interface PastSelection {
  /** SQL of the columns, over the customers `c` and the joined relations. */
  columns: readonly string[];
  /** Joins of the customers `c`, for the customers whose ids satisfy an SQL condition on `id`. Empty condition: all customers. */
  joins: (ids: string) => string;
  /** Whether `joins` reads the history, so that a statement for many customers takes much memory. */
  isHeavy: boolean;
}

/**
 * Writes past values as a Parquet file, in the order of the customers. A heavy selection is written in parts of customers, which
 * are then joined. The bytes of the file do not depend on the parts.
 * @param files customers.parquet of the snapshot, and the file to write
 */
export async function writePast(
  workbench: DuckdbEngine,
  selection: PastSelection,
  files: { customers: string; past: string },
  options: StatementOptions,
): Promise<void> {
  const { text } = workbench.dialect;
  const customers = `read_parquet(${text(files.customers)})`;
  const select = (ids: string) =>
    `SELECT c.customer, ${selection.columns.join(', ')} FROM (FROM ${customers}${ids && ` WHERE ${ids}`}) c ${selection.joins(ids)} ORDER BY c.customer`;
  const firsts = selection.isHeavy ? await firstIds(workbench, customers, selection.columns.length, options) : [];
  if (firsts.length < 2) return await workbench.copyToParquet(select(''), files.past, options);
  const bounds = firsts.slice(1).map(text);
  const parts = [undefined, ...bounds].map((from, i) => ({
    ids: [from && `id >= ${from}`, bounds[i] && `id < ${bounds[i]}`].filter(Boolean).join(' AND '),
    file: workbench.temporaryFile('.parquet'),
  }));
  try {
    for (const { ids, file } of parts) await workbench.copyToParquet(select(ids), file, options, 'COMPRESSION uncompressed');
    await workbench.copyToParquet(`FROM read_parquet([${parts.map(({ file }) => text(file)).join(', ')}])`, files.past, options);
  } finally {
    await Promise.all(parts.map(({ file }) => rm(file, { force: true })));
  }
}

/** Ids of the first customers of parts whose values fit into the engine's memory. */
async function firstIds(
  workbench: DuckdbEngine,
  customers: string,
  columns: number,
  options: StatementOptions,
): Promise<string[]> {
  const limit = `SELECT parse_formatted_bytes(current_setting('memory_limit')) AS bytes`;
  const [memory] = await queryRows(workbench, limit, options);
  const size = partRows * Math.max(1, Math.floor(Number(memory!.bytes) / valueBytes / columns / partRows));
  const first = `SELECT id FROM ${customers} WHERE customer % ${size} = 0 ORDER BY customer`;
  return (await queryRows(workbench, first, options)).map(({ id }) => String(id));
}
