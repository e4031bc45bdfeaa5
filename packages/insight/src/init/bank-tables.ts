import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { AppError } from '@basketwise/core';
import { type Dialect, type DuckdbEngine, duckdbDialect, type Engine, localRows, openDuckdb } from '@basketwise/data';
import { loadEngine, type ServerAccess, sourceAt } from '@basketwise/pipeline';
import { SqlWriter } from './sql.ts';
import type { ReachedTable } from './survey.ts';
import { findEncodings, findTableFiles } from './table-files.ts';
import type { SourceFacts } from './write-tables.ts';

/** Server with the tables of a bank, as the command line names it. */
export interface BankServer extends ServerAccess {
  engine: string;
  address: string;
  /** Names of the tables to read. Absent: all tables that the user can see. */
  tables?: readonly string[] | undefined;
}

/** Tables of a bank that are open for reading. The caller closes them. */
export interface BankTables {
  /** Name of the source, for messages. */
  label: string;
  /** DuckDB in which the tables can be read. */
  engine: DuckdbEngine;
  names: readonly string[];
  /**
   * Opens a table.
   * @throws AppError if it cannot be read
   */
  reach(name: string): Promise<ReachedTable>;
  /** Keys that a config needs to read these tables. */
  sourceFor(file: string): SourceFacts;
  close(): Promise<void>;
}

/** Memory and threads of the DuckDB that surveys the tables. */
const surveyLimits = { memory: '2GB', threads: 2 };
/** Largest number of tables that are read if the user names none. The schema of a bank's own tables has fewer. */
const mostTables = 60;

/** Opens tables with `open`. Spill files are in a folder of their own, which is removed afterwards. */
async function spilling(
  open: (spill: string) => Promise<Omit<BankTables, 'close'> & { close(): Promise<void> }>,
): Promise<BankTables> {
  const spill = await mkdtemp(join(tmpdir(), 'basketwise-'));
  const clear = () => rm(spill, { recursive: true, force: true });
  try {
    const bank = await open(spill);
    const close = async () => {
      await bank.close();
      await clear();
    };
    return { ...bank, close };
  } catch (error) {
    await clear();
    throw error;
  }
}

/**
 * Opens the tables of a folder of files, or of a DuckDB database file.
 * @throws AppError missing-input if there are none
 */
export function openBankFiles(path: string): Promise<BankTables> {
  return spilling(async (tempDirectory) => {
    const isFolder = (await stat(path)).isDirectory();
    const files = isFolder ? await findTableFiles(path) : undefined;
    const encodings = isFolder ? await findEncodings(path) : ['utf-8'];
    const engine = await openDuckdb({ ...surveyLimits, tempDirectory, path, encoding: encodings[0]! });
    const close = () => engine.close();
    try {
      const names = files ?? (await engine.tables());
      if (names.length === 0)
        throw new AppError(
          'missing-input',
          `${path} has no tables: no .csv, .tsv, .txt (also .gz), .parquet or .arrow files`,
          'Name the folder of the tables.',
        );
      const sql = new SqlWriter(duckdbDialect, isFolder);
      return {
        ...{ label: path, engine, names, close },
        async reach(name) {
          const { from, delimiter } = await engine.relation({ from: name }, { place: name });
          return { name, from, delimiter, moments: new Set() };
        },
        sourceFor: (file) => ({ keys: { path: pathFrom(file, path) }, encodings, sql }),
      };
    } catch (error) {
      await close();
      throw error;
    }
  });
}

/** Path to write to a config file: relative to the folder of the file, if possible. */
function pathFrom(file: string, path: string): string {
  const from = relative(dirname(resolve(file)), resolve(path)) || '.';
  return from.startsWith('.') || from.startsWith('/') ? from : `./${from}`;
}

/**
 * Opens the tables of a server. Each table is read once and whole, and analysed in this process. The server computes no joins.
 * @throws AppError usage, missing-input if there are no tables, or too many to read all; errors of the server
 */
export function openBankServer({ engine: name, address, tables, ...access }: BankServer): Promise<BankTables> {
  const { written, source } = sourceAt(name, address, access);
  return spilling(async (tempDirectory) => {
    const { open } = await loadEngine(source.engine);
    const { engine, workbench, close } = await open({
      source,
      path: (path) => resolve(path),
      workbench: { ...surveyLimits, tempDirectory },
    });
    try {
      const names = tables ?? ownTables(await engine.tables());
      if (names.length === 0)
        throw new AppError('missing-input', `${address} shows no tables`, 'Name the schema that they are in.');
      if (names.length > mostTables)
        throw new AppError(
          'missing-input',
          `${address} has ${names.length} tables`,
          'Name those of customers, products and holdings, and what belongs to them: --tables clients,products,contracts.',
        );
      const sql = new SqlWriter(engine.dialect, false);
      return {
        ...{ label: address, engine: workbench, names, close },
        reach: (table) => bringTable(engine, workbench, table),
        sourceFor: () => ({ keys: written, encodings: ['utf-8'], sql }),
      };
    } catch (error) {
      await close();
      throw error;
    }
  });
}

/** Tables in the searched schema. If this schema has no tables, the tables of all schemas. */
function ownTables(all: readonly string[]): readonly string[] {
  const own = all.filter((name) => !name.includes('.'));
  return own.length > 0 ? own : all;
}

/** Copies a table of a server into DuckDB. Moments become days, and columns of types that a config cannot use are left out. */
async function bringTable(engine: Engine, workbench: DuckdbEngine, name: string): Promise<ReachedTable> {
  const { dialect } = engine;
  const options = { place: name };
  const { from } = await engine.relation({ from: name }, options);
  const columns = (await engine.columns(`${from} t`, options)).filter(({ type }) => dialect.kindOf(type) !== 'other');
  if (columns.length === 0)
    throw new AppError('bad-data', `${name} has no column of a type that can be used`, 'Name another table.');
  const selected = columns.map((column) => columnExpression(dialect, column));
  const moments = columns.filter(({ type }) => dialect.isZoned(type));
  const sql = `SELECT ${selected.join(', ')} FROM ${from} t`;
  const names = columns.map((column) => column.name);
  return {
    name,
    from: await localRows(engine, workbench, sql, names, options),
    moments: new Set(moments.map((one) => one.name)),
  };
}

function columnExpression(dialect: Dialect, { name, type }: { name: string; type: string }): string {
  const value = dialect.identifier(name);
  const kind = dialect.kindOf(type);
  if (kind === 'date') return `${dialect.asDate(value, kind)} AS ${value}`;
  return kind === 'number' ? `${dialect.asNumber(value)} AS ${value}` : value;
}
