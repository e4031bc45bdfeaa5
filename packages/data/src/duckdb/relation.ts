import { access, constants, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '@basketwise/core';
import { duckdbDialect } from '../engine/dialect.ts';
import type { Relation, RelationOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';
import type { TableSource } from '../engine/source.ts';
import { checkColumnNames } from './column-names.ts';
import { checkPacked, decodeFile, readCsvHeader } from './csv-file.ts';
import { decodedQuery } from './decoded-query.ts';
import { utf8 } from './encoding.ts';
import type { DuckdbSession } from './session.ts';

const { identifier, text } = duckdbDialect;

/** Opens a source that the config names. Returns SQL to put after FROM, and the name of the source in messages. */
export async function duckdbRelation(engine: DuckdbSession, source: TableSource, options: RelationOptions): Promise<Relation> {
  if (source.sql)
    return {
      from: `(\n${await decodedQuery(engine, source.sql, options)}\n)`,
      label: `the query of ${options.place ?? 'the config'}`,
    };
  if (!source.from)
    throw new AppError(
      'config',
      `${options.place ?? 'table'}: neither \`from\` nor \`sql\``,
      'Name a file, a glob or a table, or give a query.',
    );
  if (engine.hasDatabase()) return { from: qualifiedName(source.from), label: `table ${source.from}` };
  const files = await findFiles(engine, resolve(engine.options.path ?? '.', source.from), options);
  const label = source.from;
  const kind = fileKind(files[0]!);
  if (files.some((file) => fileKind(file) !== kind)) {
    throw new AppError(
      'bad-data',
      `${options.place ?? label}: files of different kinds match ${label}`,
      'Let the glob match files of one kind.',
    );
  }
  if (kind === 'parquet') return { ...(await parquetRelation(engine, files, options)), label };
  if (kind === 'arrow') {
    const { loadArrow } = await import('./arrow-file.ts'); // Only Arrow files need the library.
    return { from: await loadArrow(engine, files, options), label };
  }
  return { ...(await loadCsv(engine, files, options)), label };
}

/** Names of the columns that number the rows of Parquet files. Such a file must not have a column of one of these names. */
const rowColumns = ['file_index', 'file_row_number', 'row_of_table'];

async function parquetRelation(
  engine: DuckdbSession,
  files: readonly string[],
  options: RelationOptions,
): Promise<Omit<Relation, 'label'>> {
  const list = `[${files.map(text).join(', ')}]`;
  const from = `read_parquet(${list})`;
  const names = (await engine.columns(from, options)).map(({ name }) => name.toLowerCase());
  checkColumnNames(await parquetNames(engine, files[0]!, options), `${options.place ? `${options.place}: ` : ''}${files[0]}`);
  if (rowColumns.some((name) => names.includes(name))) return { from };
  const sizes = await queryRows(engine, `SELECT num_rows FROM parquet_file_metadata(${list})`, options);
  let before = 0;
  const starts = sizes.map(({ num_rows: rows }) => {
    before += Number(rows);
    return before - Number(rows);
  });
  const start = `CAST([${starts.join(', ')}][CAST(file_index AS BIGINT) + 1] AS BIGINT)`;
  return { from, numbered: `(SELECT *, ${start} + file_row_number AS row_of_table FROM ${from})` };
}

/** Column names of a Parquet file as they are in the file. (The engine itself renames duplicates without a message.) */
async function parquetNames(engine: DuckdbSession, file: string, options: RelationOptions): Promise<string[]> {
  // The rows are the nodes of the schema: the root, then each column before its children.
  const nodes = await queryRows(engine, `SELECT name, num_children FROM parquet_schema(${text(file)})`, options);
  const names: string[] = [];
  for (let i = 1, inside = 0; i < nodes.length; i++) {
    if (inside === 0) names.push(String(nodes[i]!.name));
    inside += Number(nodes[i]!.num_children ?? 0) - (inside === 0 ? 0 : 1);
  }
  return names;
}

/** Quotes a name `schema.table` for SQL. */
function qualifiedName(from: string): string {
  return from.split('.').map(identifier).join('.');
}

async function findFiles(engine: DuckdbSession, pattern: string, { place, signal }: RelationOptions): Promise<string[]> {
  const at = place ? `${place}: ` : '';
  const files: string[] = [];
  if (/[*?[]/.test(pattern)) {
    for await (const { columns } of engine.query(`SELECT file FROM glob(${text(pattern)}) ORDER BY file`, {
      ...(signal && { signal }),
    })) {
      files.push(...(columns.file as readonly string[]));
    }
  } else files.push(pattern);
  if (files.length === 0) throw new AppError('missing-input', `${at}no file matches ${pattern}`, 'Check source.path and `from`.');
  for (const file of files) await checkReadable(file, at);
  return files;
}

async function checkReadable(file: string, at: string): Promise<void> {
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EACCES') throw notPermitted(at, file);
    throw new AppError('missing-input', `${at}there is no file ${file}`, 'Check source.path and `from`.', { cause });
  });
  if (found.isDirectory())
    throw new AppError('missing-input', `${at}${file} is a folder`, 'Name a file, or a glob such as folder/*.parquet.');
  if (!found.isFile()) throw new AppError('missing-input', `${at}${file} is no regular file`, 'Deliver the table as a file.');
  if (found.size === 0) throw new AppError('missing-input', `${at}${file} is empty (0 bytes)`, 'Deliver the file again.');
  await access(file, constants.R_OK).catch(() => {
    throw notPermitted(at, file);
  });
}

function notPermitted(at: string, file: string): AppError {
  return new AppError('not-permitted', `${at}not allowed to read ${file}`, 'Give the user of this process read access to it.');
}

function fileKind(file: string): 'parquet' | 'csv' | 'arrow' {
  const name = file.toLowerCase();
  if (/\.(parquet|pq)$/.test(name)) return 'parquet';
  if (/\.(csv|tsv|txt)(\.gz)?$/.test(name)) return 'csv';
  if (/\.(arrow|arrows|feather|ipc)$/.test(name)) return 'arrow';
  throw new AppError(
    'config',
    `${file}: the kind of file is not known by its name`,
    'Use .parquet, .csv, .tsv, .txt (also .gz) or .arrow.',
  );
}

/**
 * Parses a CSV file once, with all columns as text, and writes a Parquet file to the folder of spilled data. Then gives each
 * column the type that all its values have.
 * Only whole numbers and decimals in canonical form become numbers, so that codes with leading zeros stay text.
 * A column without values becomes an untyped null, because a null fits both comparisons with text and comparisons with numbers.
 */
async function loadCsv(
  engine: DuckdbSession,
  files: readonly string[],
  options: RelationOptions,
): Promise<Omit<Relation, 'label'>> {
  const target = engine.temporaryFile('.parquet');
  const decoded: string[] = [];
  try {
    const { encoding = utf8 } = engine.options;
    if (encoding !== utf8) {
      for (const file of files) {
        const unpacked = engine.temporaryFile('.csv');
        decoded.push(unpacked);
        await decodeFile(file, encoding, unpacked, options.signal);
      }
    } else for (const file of files) await checkPacked(file, options.signal);
    const readable = decoded.length > 0 ? decoded : files;
    const header = await readCsvHeader(readable[0]!);
    for (const [i, file] of readable.entries()) {
      const other = await readCsvHeader(file);
      if (other.names.join('\0') !== header.names.join('\0')) {
        throw new AppError(
          'bad-data',
          `${files[i]}: its columns are not those of ${files[0]}`,
          'Files of one table must have the same header.',
        );
      }
    }
    const columns = header.names.map((name) => `${text(name)}: 'VARCHAR'`).join(', ');
    const read =
      `read_csv([${readable.map(text).join(', ')}], auto_detect = false, header = true, delim = ${text(header.delimiter)}, quote = '"', escape = '"', ` +
      `strict_mode = true, columns = {${columns}})`;
    // Columns are named by position, because a column of the bank may have the name of an engine's column.
    const placed = header.names.map((name, i) => `${identifier(name)} AS c${i}`);
    await engine.run(`COPY (SELECT ${placed.join(', ')} FROM ${read}) TO ${text(target)} (FORMAT parquet)`, options);
    return { ...(await typedColumns(engine, target, header.names, options)), delimiter: header.delimiter };
  } finally {
    await Promise.all(decoded.map((file) => rm(file, { force: true })));
  }
}

const integerPattern = '0|-?[1-9][0-9]{0,17}';
const decimal = '-?(0|[1-9][0-9]{0,17})(\\.[0-9]+)?';

async function typedColumns(
  engine: DuckdbSession,
  file: string,
  names: readonly string[],
  options: RelationOptions,
): Promise<Omit<Relation, 'label'>> {
  const asText = new Set(options.text?.map((name) => name.toLowerCase()));
  const candidates = names.filter((name) => !asText.has(name.toLowerCase()));
  const tests = candidates.flatMap((name, i) => {
    const column = `c${names.indexOf(name)}`;
    const is = (pattern: string) => `regexp_full_match(${column}, '${pattern}')`;
    const matching = (pattern: string) => `count(*) FILTER (WHERE ${is(pattern)})`;
    const firstText = `min(file_row_number) FILTER (WHERE NOT ${is(decimal)}) + 1`;
    const values = `count(${column})`;
    return [
      `${values} AS v${i}`,
      `${matching(integerPattern)} AS i${i}`,
      `${matching(decimal)} AS d${i}`,
      `${firstText} AS r${i}`,
    ];
  });
  const types = new Map<string, string>();
  const mixed: { column: string; row: number }[] = [];
  const numbered = `read_parquet(${text(file)}, file_row_number = true)`;
  const [found] = tests.length > 0 ? await queryRows(engine, `SELECT ${tests.join(', ')} FROM ${numbered}`, options) : [];
  for (const [i, column] of candidates.entries()) {
    const [values, integers, decimals] = ['v', 'i', 'd'].map((test) => Number(found![`${test}${i}`])) as [number, number, number];
    if (values === 0) types.set(column, 'NULL');
    else if (integers === values) types.set(column, 'BIGINT');
    else if (decimals === values) types.set(column, 'DOUBLE');
    else if (decimals > values / 2) mixed.push({ column, row: Number(found![`r${i}`]) });
  }
  const select = names.map((name, i) => {
    const type = types.get(name);
    const value = type === undefined ? `c${i}` : type === 'NULL' ? 'NULL' : `CAST(c${i} AS ${type})`;
    return `${value} AS ${identifier(name)}`;
  });
  return { from: `(SELECT ${select.join(', ')} FROM read_parquet(${text(file)}))`, mixed };
}
