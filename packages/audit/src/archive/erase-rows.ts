import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { csvRelation, type DuckdbEngine, formOfCsv, queryRows, unescapedText, writeCsv } from '@basketwise/data';
import { type FileRecord, makeFolder, recordFile, removePath, syncNames, writeFailure } from '@basketwise/data/base';
import { type Erasures, erasuresFile, preparedErasure, readErasures, writeSealed } from '@basketwise/pipeline';
import { filesBelow, hasCustomers } from './run-files.ts';

/** Tables of a snapshot whose row numbers are customer numbers. Erasure keeps the row of a customer, and removes its values. */
const numbered = ['snapshot/customers.parquet', 'snapshot/past.parquet'];

/** Customers to erase from a folder, and the tool for it. */
export interface ErasureRequest {
  ids: readonly string[];
  engine: DuckdbEngine;
  /** Whether CSV files have texts as `escapedCell` writes them. */
  isEscaped: boolean;
}

/** Erasure prepared for a folder. */
export interface PreparedErasure {
  /** Names of the files that were copied. */
  files: readonly string[];
  /** Ids that the folder has. */
  ids: ReadonlySet<string>;
  /** Names of CSV files that no run wrote. They were not searched. */
  unread: readonly string[];
}

/**
 * Prepares the erasure of customers from a run folder. Writes copies, without the customers, of all files that contain them.
 * Also writes `erasures.json` with the hashes of the copies. The run's own files stay unchanged.
 * In the copies of the snapshot, a row without values replaces the row of a customer, so that other customers keep their numbers.
 * @param check called once after the first copy is written. If it returns false, nothing is prepared. It is not called if the folder has
 * none of the customers
 * @throws AppError bad-data for a damaged table, cannot-write
 */
export async function prepareErasure(
  folder: string,
  request: ErasureRequest,
  check = async () => true,
): Promise<PreparedErasure> {
  const prepared = preparedErasure(folder);
  const files = (await filesBelow(folder, (entry) => entry.isFile())).filter(hasCustomers);
  const numbers = files.includes(numbered[0]!) ? await numbersOf(folder, request) : new Map<number, string>();
  const present = new Set(numbers.values());
  const records: FileRecord[] = [];
  const unread: string[] = [];
  for (const file of files) {
    const table = await openTable(join(folder, file), request);
    if (table === undefined) unread.push(file);
    const rows = table && rowsToErase(file, table, request, [...numbers.keys()]);
    if (!table || !rows) continue;
    const erased = await queryRows(request.engine, `SELECT DISTINCT ${rows.key} AS id FROM ${table.from} WHERE ${rows.are}`);
    if (erased.length === 0) continue;
    if (rows.hasIds) for (const { id } of erased) present.add(String(id));
    const unfinished = join(prepared, file);
    await makeFolder(dirname(unfinished));
    await table.write(rows.others, unfinished);
    await chmod(unfinished, 0o600).catch((cause) => {
      throw writeFailure(join(folder, file), cause);
    });
    if (records.length === 0 && !(await check())) break;
    records.push(await recordFile(unfinished, file));
  }
  const names = records.map(({ file }) => file);
  if (names.length > 0) {
    const before: Erasures = (await readErasures(folder)) ?? { version: 1, customers: 0, files: [] };
    const customers = before.customers + (names.includes(numbered[0]!) ? numbers.size : 0);
    const others = before.files.filter(({ file }) => !names.includes(file));
    // Written last: an erasure counts as prepared only once this file exists.
    await writeSealed(join(prepared, erasuresFile), { version: 1, customers, files: [...others, ...records] });
    await syncNames(prepared, names);
  } else await removePath(prepared);
  return { files: names, ids: present, unread };
}

/** Ids of the customers that a snapshot has, by customer number. */
async function numbersOf(folder: string, { ids, engine }: ErasureRequest): Promise<Map<number, string>> {
  const { text } = engine.dialect;
  const from = `read_parquet(${text(join(folder, numbered[0]!))})`;
  const isWanted = `list_contains([${ids.map(text).join(', ')}], CAST(id AS VARCHAR))`;
  const rows = await queryRows(engine, `SELECT customer, id FROM ${from} WHERE ${isWanted} ORDER BY customer`);
  return new Map(rows.map(({ customer, id }) => [Number(customer), String(id)]));
}

/** Table of a run, open for reading, and the writer of its format. */
interface Table {
  from: string;
  columns: readonly string[];
  /** SQL of a column's text as the bank has it. */
  text(column: string): string;
  /** Writes the rows of a query in the form of the table. */
  write(query: string, path: string): Promise<void>;
}

/** Opens a Parquet or CSV file with the reader and the writer that made it. Undefined if it is a CSV file that no run wrote. */
async function openTable(path: string, { engine, isEscaped }: ErasureRequest): Promise<Table | undefined> {
  if (path.endsWith('.csv')) {
    const form = await formOfCsv(path);
    if (form === undefined) return undefined;
    const from = csvRelation(
      engine.dialect,
      path,
      form,
      form.columns.map((name) => ({ name, parquet: 'VARCHAR' })),
    );
    const text = (column: string) => (isEscaped ? unescapedText(column) : column);
    return { from, columns: form.columns, text, write: (query, to) => writeCsv(engine, query, to, form, { writing: path }) };
  }
  const from = `read_parquet(${engine.dialect.text(path)})`;
  const columns = (await engine.columns(from)).map(({ name }) => name);
  const write = (query: string, to: string) => engine.copyToParquet(query, to, { writing: path }, 'PRESERVE_ORDER true');
  return { from, columns, text: (column) => `CAST(${column} AS VARCHAR)`, write };
}

/**
 * SQL of the rows of customers in a table: their key, the condition for them, and the query of what stays.
 * Undefined if the table has no customers.
 */
function rowsToErase(file: string, { from, columns, text }: Table, { ids, engine }: ErasureRequest, numbers: readonly number[]) {
  const hasIds = !file.startsWith('snapshot/');
  const column = columns.find((name) => name === 'customer' || (hasIds && name === 'id'));
  if (column === undefined) return undefined;
  const key = hasIds ? text(column) : `CAST(${column} AS BIGINT)`;
  // Tests membership in a list. For IN with many values, the engine would use a join, which does not preserve the order of rows.
  const list = hasIds ? `[${ids.map(engine.dialect.text).join(', ')}]` : `CAST([${numbers.join(', ')}] AS BIGINT[])`;
  const are = `list_contains(${list}, ${key})`;
  const cells = columns.map((name) => {
    const cell = engine.dialect.identifier(name);
    return name === column ? cell : `CASE WHEN ${are} THEN ${name === 'id' ? "''" : 'NULL'} ELSE ${cell} END AS ${cell}`;
  });
  const isKept = numbered.includes(file);
  const others = isKept ? `SELECT ${cells.join(', ')} FROM ${from}` : `SELECT * FROM ${from} WHERE ${are} IS NOT TRUE`;
  return { hasIds, key, are, others };
}
