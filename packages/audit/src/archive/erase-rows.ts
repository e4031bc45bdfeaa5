import { createReadStream } from 'node:fs';
import { chmod, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DuckdbEngine, queryRows } from '@basketwise/data';
import { type FileRecord, makeFolder, recordFile, removePath, syncNames, writeFailure } from '@basketwise/data/files';
import { erasuresFile, preparedErasure, readErasures } from '@basketwise/pipeline/base';
import { type Erasures, writeSealed } from '@basketwise/pipeline/parts';
import { filesBelow } from './files-below.ts';
import { hasCustomers } from './run-files.ts';

/** Tables of a snapshot whose row numbers are customer numbers. Erasure keeps the row of a customer, and removes its values. */
const numbered = ['snapshot/customers.parquet', 'snapshot/past.parquet'];

/**
 * Prepares the erasure of customers from a run folder. Writes copies, without the customers, of all files that contain them.
 * Also writes `erasures.json` with the hashes of the copies. The run's own files stay unchanged.
 * In the copies of the snapshot, a row without values replaces the row of a customer, so that other customers keep their numbers.
 * @param check called once after the first copy is written. If it returns false, nothing is prepared. It is not called if the folder has
 * none of the customers
 * @returns names of the files that were copied
 * @throws AppError cannot-write
 */
export async function prepareErasure(
  folder: string,
  ids: readonly string[],
  engine: DuckdbEngine,
  check = async () => true,
): Promise<string[]> {
  const prepared = preparedErasure(folder);
  const files = (await filesBelow(folder, (one) => one.isFile())).filter(hasCustomers);
  const numbers = files.includes(numbered[0]!) ? await numbersOf(folder, ids, engine) : [];
  const records: FileRecord[] = [];
  for (const file of files) {
    const unfinished = join(prepared, file);
    await makeFolder(dirname(unfinished));
    const path = join(folder, file);
    const isChanged = file.endsWith('.csv')
      ? await writeCsv(path, unfinished, new Set(ids))
      : await writeParquet(engine, { file, path, unfinished, ids, numbers });
    if (!isChanged) continue;
    if (records.length === 0 && !(await check())) break;
    records.push(await recordFile(unfinished, file));
  }
  const names = records.map(({ file }) => file);
  if (names.length > 0) {
    const before: Erasures = (await readErasures(folder)) ?? { version: 1, customers: 0, files: [] };
    const customers = before.customers + (names.includes(numbered[0]!) ? numbers.length : 0);
    const others = before.files.filter(({ file }) => !names.includes(file));
    // Written last: an erasure counts as prepared only once this file exists.
    await writeSealed(join(prepared, erasuresFile), { version: 1, customers, files: [...others, ...records] });
    await syncNames(prepared, names);
  } else await removePath(prepared);
  return names;
}

/** Customer numbers of some ids in a snapshot. */
async function numbersOf(folder: string, ids: readonly string[], engine: DuckdbEngine): Promise<number[]> {
  const { text } = engine.dialect;
  const from = `read_parquet(${text(join(folder, numbered[0]!))})`;
  const rows = await queryRows(
    engine,
    `SELECT customer FROM ${from} WHERE id IN (${ids.map(text).join(', ')}) ORDER BY customer`,
  );
  return rows.map(({ customer }) => Number(customer));
}

/** Parquet table to copy without some customers. */
interface TableWithout {
  /** Path of the table, relative to the run folder. */
  file: string;
  path: string;
  unfinished: string;
  ids: readonly string[];
  numbers: readonly number[];
}

/** Copies a Parquet file without some customers. Returns false, and writes nothing, if the file has none of them. */
async function writeParquet(engine: DuckdbEngine, { file, path, unfinished, ids, numbers }: TableWithout): Promise<boolean> {
  const { text, identifier } = engine.dialect;
  const from = `read_parquet(${text(path)})`;
  const columns = (await queryRows(engine, `DESCRIBE SELECT * FROM ${from}`)).map(({ column_name: name }) => String(name));
  const isNumber = file.startsWith('snapshot/');
  const key = isNumber ? 'customer' : columns.find((name) => name === 'customer' || name === 'id');
  if (key === undefined || !columns.includes(key)) return false;
  // Tests membership in a list. For IN with many values, the engine would use a join, which does not preserve the order of rows.
  const those = isNumber ? `CAST([${numbers.join(', ')}] AS BIGINT[])` : `[${ids.map(text).join(', ')}]`;
  const isErased = `list_contains(${those}, CAST(${key} AS ${isNumber ? 'BIGINT' : 'VARCHAR'}))`;
  const [found] = await queryRows(engine, `SELECT count(*) AS rows FROM ${from} WHERE ${isErased}`);
  if (Number(found!.rows) === 0) return false;
  const empty = (name: string) => `CASE WHEN ${isErased} THEN ${name === 'id' ? "''" : 'NULL'} ELSE ${identifier(name)} END`;
  const cells = columns.map((name) => (name === key ? name : `${empty(name)} AS ${identifier(name)}`));
  const query = numbered.includes(file)
    ? `SELECT ${cells.join(', ')} FROM ${from}`
    : `SELECT * FROM ${from} WHERE ${isErased} IS NOT TRUE`;
  await engine.copyToParquet(query, unfinished, { writing: path }, 'PRESERVE_ORDER true');
  try {
    await chmod(unfinished, 0o600);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
  return true;
}

/**
 * Copies a CSV file without the lines of some customers; the first column is the customer id. Other lines keep their bytes.
 * Returns false if the file has none of the customers.
 */
async function writeCsv(path: string, unfinished: string, ids: ReadonlySet<string>): Promise<boolean> {
  try {
    const isFound = await copyLines(path, unfinished, ids);
    if (!isFound) await rm(unfinished);
    return isFound;
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/** Copies a CSV file without the rows of some customers. @returns whether the file has such rows */
async function copyLines(path: string, unfinished: string, ids: ReadonlySet<string>): Promise<boolean> {
  const out = await open(unfinished, 'w', 0o600);
  let [isFound, isErased, isInside, rest] = [false, false, false, ''];
  const isLeft = (line: string) => {
    if (!isInside) isErased = ids.has(firstField(line));
    // After an odd number of quotes, the quoted field continues on the next line.
    if ((line.split('"').length - 1) % 2 === 1) isInside = !isInside;
    isFound ||= isErased;
    return !isErased;
  };
  try {
    for await (const text of createReadStream(path, 'utf8')) {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop()!;
      const left = lines.filter(isLeft).map((line) => `${line}\n`);
      await out.appendFile(left.join(''));
    }
    if (rest !== '' && isLeft(rest)) await out.appendFile(rest);
    await out.sync();
  } finally {
    await out.close();
  }
  return isFound;
}

/** First field of a CSV line, without quotes and without the apostrophe that protects spreadsheets from formulas. */
function firstField(line: string): string {
  const quoted = /^\ufeff?"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"');
  const field = quoted ?? /^\ufeff?([^,;\t|]*)/.exec(line)![1]!;
  return /^'[=+\-@\t\r]/.test(field) ? field.slice(1) : field;
}
