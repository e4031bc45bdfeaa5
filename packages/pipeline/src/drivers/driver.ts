import type { Dialect, DuckdbEngine, DuckdbOptions, Engine, ExtractRequest } from '@basketwise/data';
import type { z } from 'zod';

/** Keys of `source` with their schemas. */
export type SourceKeys = Readonly<Record<string, z.ZodType>>;

/** Values of a driver's keys, and of the keys that all engines have. */
type Values<K extends SourceKeys> = { [Name in keyof K]: z.output<K[Name]> } & {
  /** IANA zone that determines the day of a timestamp with time zone. */
  time_zone?: string | undefined;
};

/** Engine that reads the bank's tables. */
export interface Source {
  engine: Engine;
  /** Local DuckDB engine that joins and writes rows. */
  workbench: DuckdbEngine;
  /** Rewrites a request to read the engine's work tables, if the config has some. Both requests yield the same snapshot. */
  prepare?(request: ExtractRequest): ExtractRequest;
  close(): Promise<void>;
}

/** Location of the work tables. Their names are `schema.prefix` followed by `customers`, `products` or `holdings`. */
export interface WorkTables {
  schema: string;
  prefix: string;
  format: 'orc' | 'parquet';
}

/** Options of a driver, with a function that resolves their paths. */
export interface SourcePaths<Options> {
  source: Options;
  /** Resolves a path in the config to an absolute path. */
  path(relative: string): string;
}

/** Options and paths of a driver, with the settings of the workbench (the local DuckDB engine). */
export interface SourcePlace<Options> extends SourcePaths<Options> {
  /** Settings of the local DuckDB engine. */
  workbench: DuckdbOptions;
}

/** Name of a table in lineage catalogues, by the conventions of OpenLineage. */
export interface Dataset {
  /** Server as a URI; `file` for files. */
  namespace: string;
  name: string;
}

/**
 * Definition of an engine that reads a bank's tables: its keys in a config, and all that commands need without loading the engine. A new engine needs
 * a file with its definition and a line in drivers.ts. An engine with a server also needs a package, which load-engine.ts loads.
 */
export interface SourceDriver<Name extends string, K extends SourceKeys> {
  /** Name in `source.engine`. */
  engine: Name;
  /**
   * npm package that connects to the engine's servers, loaded only if a config names the engine. Absent: the tables are files, which DuckDB reads.
   */
  package?: string;
  /** SQL dialect of the engine. */
  dialect: Dialect;
  /** Keys of `source` that belong to the engine. A config can also have keys of other engines. */
  keys: K;
  /** Paths in `source` of the keys that can contain a secret; `*` stands for any key. */
  secrets?: readonly (readonly string[])[];
  /** Faults of the engine's keys, each with its path in `source`. @param chosen whether `source.engine` is this engine */
  problems?(source: Values<K>, chosen: boolean): { path: readonly string[]; message: string }[];
  /** Keys and values that identify the tables and determine how their values are read. They are part of a run's identity. */
  identity(source: Values<K>): object;
  /** Whether the tables are files. A run's identity contains the hashes of files; tables of a server have no hash. */
  readsFiles: boolean;
  /** Name of a table in lineage catalogues. @param from the table's `from` in the config */
  dataset(place: SourcePaths<Values<K>>, from: string): Dataset;
  /** Whether customers and holdings stay on the server, and only distinct baskets are transferred. */
  pushdown?(source: Values<K>): boolean;
  /**
   * Keys of `source` for a server that the command line names, without defaults. Absent: the tables are files.
   * @throws AppError usage for an invalid address
   */
  sourceAt?(address: string, access: ServerAccess): Readonly<Record<string, unknown>>;
  /** Location of the tables in which Basketwise stores joins of the bank's tables; undefined without any. */
  workTables?(source: Values<K>): WorkTables | undefined;
}

/** Options of the command line for access to a server. */
export interface ServerAccess {
  user?: string | undefined;
  /** Environment variable that holds the password. */
  passwordEnv?: string | undefined;
  /** Whether the connection is encrypted, and whether a password may be sent without that. */
  tls?: true | undefined;
  unencryptedLogin?: true | undefined;
  auth?: string | undefined;
  /** Schema of tables named without one. */
  schema?: string | undefined;
}

/** Driver of any engine. */
export type AnyDriver = SourceDriver<string, SourceKeys>;

/** Declares a driver. TypeScript infers the driver's name and keys. */
export function defineDriver<const Name extends string, K extends SourceKeys>(
  driver: SourceDriver<Name, K>,
): SourceDriver<Name, K> {
  return driver;
}
