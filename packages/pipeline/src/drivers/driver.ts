import type { AppError } from '@basketwise/core';
import type { Dialect, DuckdbEngine, DuckdbOptions, Engine, ExtractRequest } from '@basketwise/data';
import type { z } from 'zod';

/** Keys of `source` with their schemas. */
export type Keys = Readonly<Record<string, z.ZodType>>;

/** Their values, and the settings of all engines. */
type Values<K extends Keys> = { [Name in keyof K]: z.output<K[Name]> } & {
  /** The zone that determines the day of a moment. */
  time_zone?: string | undefined;
};

/** Engine that reads the bank's tables. */
export interface Source {
  engine: Engine;
  /** Engine that joins and writes rows. */
  workbench: DuckdbEngine;
  /** The request for the engine's work tables, if it has some, in place of one for the bank's own; both yield the same snapshot. */
  prepare?(request: ExtractRequest): ExtractRequest;
  close(): Promise<void>;
}

/** Location of work tables: `schema.prefix` followed by customers, products and holdings. */
export interface WorkTables {
  schema: string;
  prefix: string;
  format: 'orc' | 'parquet';
}

/** Options of a driver, and the base of their paths. */
export interface SourcePaths<Options> {
  source: Options;
  /** Absolute path of a path in the config. */
  path(relative: string): string;
}

/** Options, paths and workbench of a source. */
export interface SourcePlace<Options> extends SourcePaths<Options> {
  /** Settings of the workbench. */
  workbench: DuckdbOptions;
}

/** A table's name in lineage catalogues, by the conventions of OpenLineage. */
export interface Dataset {
  /** Its server as a URI; `file` for files. */
  namespace: string;
  name: string;
}

/** One check of a source. */
export interface SourceCheck {
  /** The checked thing, in a few words. */
  name: string;
  /** The finding; for people. */
  text: string;
  /** Why it fails; absent if it passes. */
  failure?: AppError;
}

/**
 * Keys of an engine of a bank's tables in a config, and what follows from them without the engine. A new engine is a file with one of
 * these, a line in drivers.ts and, for a server, a package (load-engine.ts).
 */
export interface SourceDriver<Name extends string, K extends Keys> {
  /** Name in `source.engine`. */
  engine: Name;
  /** The package that reaches its servers, which is loaded where a config names it; absent: its tables are files, which DuckDB reads. */
  package?: string;
  /** The SQL that it understands. */
  dialect: Dialect;
  /** Its keys of `source`; keys of other engines may be present too. */
  keys: K;
  /** Keys that may contain a secret, by keys of `source`; `*` is any key. */
  secrets?: readonly (readonly string[])[];
  /** Faults of its keys, by key of `source`; `chosen`: whether the tables are read by it. */
  problems?(source: Values<K>, chosen: boolean): { path: readonly string[]; message: string }[];
  /** Keys that identify the tables and decide how their values are read, with their values: part of a run's identity. */
  identity(source: Values<K>): object;
  /** Whether its tables are files, whose contents are part of a run's identity; tables of a server have no hash. */
  readsFiles: boolean;
  /** The lineage name of a table, by its `from` in the config. */
  dataset(place: SourcePaths<Values<K>>, from: string): Dataset;
  /** Whether customers and holdings stay on the server, and only distinct baskets are transferred. */
  pushdown?(source: Values<K>): boolean;
  /** The keys of `source` for a server named on the command line, except defaults; absent: its tables are files. @throws AppError usage */
  sourceAt?(address: string, access: ServerAccess): Readonly<Record<string, unknown>>;
  /** Basketwise's own tables beside the bank's, prepared for reading. */
  workTables?(source: Values<K>): WorkTables | undefined;
}

/** Format of a server on the command line. */
export interface ServerAccess {
  user?: string | undefined;
  /** The environment variable that holds the password. */
  passwordEnv?: string | undefined;
  auth?: string | undefined;
  /** Schema of tables named without one. */
  schema?: string | undefined;
}

/** Any driver. */
export type AnyDriver = SourceDriver<string, Keys>;

/** Declares a driver. */
export function defineDriver<const Name extends string, K extends Keys>(driver: SourceDriver<Name, K>): SourceDriver<Name, K> {
  return driver;
}
