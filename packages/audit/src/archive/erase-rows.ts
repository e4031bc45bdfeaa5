import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckdbEngine, queryRows } from '@basketwise/data';
import { erasuresFile, type FileRecord, readErasures, writeFailure } from '@basketwise/pipeline/base';
import { type Erasures, recordFile, writeSealed } from '@basketwise/pipeline/parts';
import { filesBelow } from './files-below.ts';
import { hasCustomers } from './run-files.ts';

/** Tables of a snapshot with a row for each customer number: the row stays, without values. */
const numbered = ['snapshot/customers.parquet', 'snapshot/past.parquet'];

/**
 * Erases customers from the files of a run folder, and records the new files in its `erasures.json`. In the snapshot a row without values
 * takes the place of a customer, so that the numbers of all others stay. A killed call is repeated by the same call.
 * @param check called once before the first change of the folder; not at all if no customer is in it
 * @returns the files that were written anew
 * @throws AppError cannot-write
 */
export async function eraseRows(
  folder: string,
  ids: readonly string[],
  engine: DuckdbEngine,
  check = async () => {},
): Promise<string[]> {
  const files = (await filesBelow(folder, (one) => one.isFile())).filter(hasCustomers);
  const numbers = files.includes(numbered[0]!) ? await numbersOf(folder, ids, engine) : [];
  let erasures: Erasures = (await readErasures(folder)) ?? { version: 1, customers: 0, files: [] };
  const touched: string[] = [];
  // customers last: a killed call finds their numbers again
  for (const file of [...files.filter((name) => name !== numbered[0]), ...files.filter((name) => name === numbered[0])]) {
    const path = join(folder, file);
    const unfinished = `${path}.unfinished`;
    const isChanged = file.endsWith('.csv')
      ? await writeCsv(path, unfinished, new Set(ids))
      : await writeParquet(engine, { file, path, unfinished, ids, numbers });
    if (!isChanged) continue;
    if (touched.length === 0) await check();
    const { bytes, sha256 } = await recordFile(unfinished, file);
    const record: FileRecord = { file, bytes, sha256 };
    const customers = erasures.customers + (file === numbered[0] ? numbers.length : 0);
    erasures = { version: 1, customers, files: [...erasures.files.filter((one) => one.file !== file), record] };
    // the record first: a file that is not as recorded shows that the call was killed
    await writeSealed(join(folder, erasuresFile), erasures);
    await rename(unfinished, path).catch((cause) => {
      throw writeFailure(path, cause);
    });
    touched.push(file);
  }
  return touched;
}

/** Numbers of customers in a snapshot. */
async function numbersOf(folder: string, ids: readonly string[], engine: DuckdbEngine): Promise<number[]> {
  const { text } = engine.dialect;
  const from = `read_parquet(${text(join(folder, numbered[0]!))})`;
  const rows = await queryRows(
    engine,
    `SELECT customer FROM ${from} WHERE id IN (${ids.map(text).join(', ')}) ORDER BY customer`,
  );
  return rows.map(({ customer }) => Number(customer));
}

/** Table to write without some customers. */
interface TableWithout {
  /** Relative to the run folder. */
  file: string;
  path: string;
  unfinished: string;
  ids: readonly string[];
  numbers: readonly number[];
}

/** Writes a Parquet file without customers; false if none is in it. */
async function writeParquet(engine: DuckdbEngine, { file, path, unfinished, ids, numbers }: TableWithout): Promise<boolean> {
  const { text, identifier } = engine.dialect;
  const from = `read_parquet(${text(path)})`;
  const columns = (await queryRows(engine, `DESCRIBE SELECT * FROM ${from}`)).map(({ column_name: name }) => String(name));
  const isNumber = file.startsWith('snapshot/');
  const key = isNumber ? 'customer' : columns.find((name) => name === 'customer' || name === 'id');
  if (key === undefined || !columns.includes(key)) return false;
  // a list, not IN: the engine would look many values up by a join, which does not preserve the order of rows
  const those = isNumber ? `CAST([${numbers.join(', ')}] AS BIGINT[])` : `[${ids.map(text).join(', ')}]`;
  const isErased = `list_contains(${those}, CAST(${key} AS ${isNumber ? 'BIGINT' : 'VARCHAR'}))`;
  const [found] = await queryRows(engine, `SELECT count(*) AS rows FROM ${from} WHERE ${isErased}`);
  if (Number(found!.rows) === 0) return false;
  const empty = (name: string) => `CASE WHEN ${isErased} THEN ${name === 'id' ? "''" : 'NULL'} ELSE ${identifier(name)} END`;
  const cells = columns.map((name) => (name === key ? name : `${empty(name)} AS ${identifier(name)}`));
  const query = numbered.includes(file)
    ? `SELECT ${cells.join(', ')} FROM ${from}`
    : `SELECT * FROM ${from} WHERE ${isErased} IS NOT TRUE`;
  const options = '(FORMAT parquet, ROW_GROUP_SIZE 122880, PRESERVE_ORDER true)';
  await engine.run(`COPY (${query}) TO ${text(unfinished)} ${options}`, { writing: path });
  return true;
}

/** Writes a CSV file whose first column is the customer, without some; false if none is in it. Other lines stay as they are. */
async function writeCsv(path: string, unfinished: string, ids: ReadonlySet<string>): Promise<boolean> {
  const out = await open(unfinished, 'w', 0o600);
  let [isFound, isErased, isInside, rest] = [false, false, false, ''];
  const isLeft = (line: string) => {
    if (!isInside) isErased = ids.has(firstField(line));
    // an odd number of quotes: the field goes on in the next line
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
  } catch (cause) {
    throw writeFailure(path, cause);
  } finally {
    await out.close();
  }
  if (!isFound) await rm(unfinished);
  return isFound;
}

/** First field of a line, without quotes and the apostrophe before a formula. */
function firstField(line: string): string {
  const quoted = /^\ufeff?"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"');
  const field = quoted ?? /^\ufeff?([^,;\t|]*)/.exec(line)![1]!;
  return /^'[=+\-@\t\r]/.test(field) ? field.slice(1) : field;
}
