import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { AppError } from '@basketwise/core';
import { type Dialect, type DuckdbEngine, duckdbDialect, type Engine, localRows, openDuckdb } from '@basketwise/data';
import { driverOf, type ServerAccess, sourceAt } from '@basketwise/pipeline/parts';
import { findEncoding, findTableFiles } from './find-tables.ts';
import { SqlWriter } from './sql.ts';
import type { SourceFacts } from './write-tables.ts';

/** A server that a bank's tables are in, as the command line names it. */
export interface BankServer extends ServerAccess {
  engine: string;
  address: string;
  /** The tables to look at; absent: all that the server shows. */
  tables?: readonly string[] | undefined;
}

/** A table within reach of the engine that looks at it. */
interface ReachedTable {
  name: string;
  /** SQL to put after FROM. */
  from: string;
  /** Columns of moments, beside those whose type or text says so. */
  moments: ReadonlySet<string>;
}

/** The tables of a bank, open. Close it. */
export interface BankTables {
  /** Name of the opened source, for messages. */
  label: string;
  /** Looks at the tables. */
  engine: DuckdbEngine;
  names: readonly string[];
  /** Brings a table within reach. @throws AppError where it cannot be read */
  reach(name: string): Promise<ReachedTable>;
  /** How a config reads them that is written into a file. */
  sourceFor(file: string): SourceFacts;
  close(): Promise<void>;
}

/** Memory and threads of an engine that only looks. */
const looking = { memory: '2GB', threads: 2 };
/** More tables than a bank's own schema has: they are to be named. */
const mostTables = 60;

/** Opens what `open` opens, in a folder of its own to spill to. */
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

/** The tables of a folder of files, or of a DuckDB database file. @throws AppError missing-input where there are none */
export function openBankFiles(path: string): Promise<BankTables> {
  return spilling(async (tempDirectory) => {
    const isFolder = (await stat(path)).isDirectory();
    const files = isFolder ? await findTableFiles(path) : undefined;
    const encoding = isFolder ? await findEncoding(path) : 'utf-8';
    const engine = await openDuckdb({ ...looking, tempDirectory, path, encoding });
    const close = () => engine.close();
    try {
      const names = files ?? (await engine.tables());
      if (names.length === 0)
        throw new AppError(
          'missing-input',
          `${path} has no tables: no .csv, .tsv, .txt (also .gz), .parquet or .arrow files`,
          'Name the folder that they are in.',
        );
      const sql = new SqlWriter(duckdbDialect, isFolder);
      return {
        ...{ label: path, engine, names, close },
        async reach(name) {
          const { from } = await engine.relation({ from: name }, { place: name });
          return { name, from, moments: new Set() };
        },
        sourceFor: (file) => ({ keys: { path: pathFrom(file, path) }, encoding, sql }),
      };
    } catch (error) {
      await close();
      throw error;
    }
  });
}

/** A path as a config file names it. */
function pathFrom(file: string, path: string): string {
  const from = relative(dirname(resolve(file)), resolve(path)) || '.';
  return from.startsWith('.') || from.startsWith('/') ? from : `./${from}`;
}

/**
 * The tables of a server. Each is read once, as a whole and by itself, and looked at here: the server joins nothing.
 * @throws AppError usage, missing-input where there are no tables, or too many to look at all; what the server says
 */
export function openBankServer({ engine: name, address, tables, ...access }: BankServer): Promise<BankTables> {
  const { written, source } = sourceAt(name, address, access);
  return spilling(async (tempDirectory) => {
    const { engine, workbench, close } = await driverOf(source).open({
      source,
      path: (path) => resolve(path),
      workbench: { ...looking, tempDirectory },
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
        sourceFor: () => ({ keys: written, encoding: 'utf-8', sql }),
      };
    } catch (error) {
      await close();
      throw error;
    }
  });
}

/** The tables of the schema that is looked in; those of others only where it has none. */
function ownTables(all: readonly string[]): readonly string[] {
  const own = all.filter((name) => !name.includes('.'));
  return own.length > 0 ? own : all;
}

/** Brings a server's table into the workbench: days in place of moments, without columns of other types than a config can use. */
async function bringTable(engine: Engine, workbench: DuckdbEngine, name: string): Promise<ReachedTable> {
  const { dialect } = engine;
  const options = { place: name };
  const { from } = await engine.relation({ from: name }, options);
  const columns = (await engine.columns(`${from} t`, options)).filter(({ type }) => dialect.kindOf(type) !== 'other');
  if (columns.length === 0)
    throw new AppError('bad-data', `${name} has no column of a type that can be used`, 'Name another table.');
  const selected = columns.map((column) => readColumn(dialect, column));
  const moments = columns.filter(({ type }) => dialect.isZoned(type));
  const sql = `SELECT ${selected.join(', ')} FROM ${from} t`;
  const names = columns.map((column) => column.name);
  return {
    name,
    from: await localRows(engine, workbench, sql, names, options),
    moments: new Set(moments.map((one) => one.name)),
  };
}

function readColumn(dialect: Dialect, { name, type }: { name: string; type: string }): string {
  const value = dialect.identifier(name);
  const kind = dialect.kindOf(type);
  if (kind === 'date') return `${dialect.asDate(value, kind)} AS ${value}`;
  return kind === 'number' ? `${dialect.asNumber(value)} AS ${value}` : value;
}
