import type { Dialect, DuckdbEngine, DuckdbOptions, Engine, ExtractRequest } from '@basketwise/data';
import type { z } from 'zod';

/** Keys of `source` with their schemas. */
export type SourceKeys = Readonly<Record<string, z.ZodType>>;

/** Values of keys, and the settings of all engines. */
type Values<K extends SourceKeys> = { [Name in keyof K]: z.output<K[Name]> } & {
  /** Zone that determines the day of a moment. */
  time_zone?: string | undefined;
};

/** Engine that reads the bank's tables. */
export interface Source {
  engine: Engine;
  /** Engine that joins and writes rows. */
  workbench: DuckdbEngine;
  /** Redirects a request to the engine's work tables, if it has some. Both requests yield the same snapshot. */
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
  /** Resolves a path in the config to an absolute path. */
  path(relative: string): string;
}

/** Options, paths and workbench of a source. */
export interface SourcePlace<Options> extends SourcePaths<Options> {
  /** Settings of the workbench. */
  workbench: DuckdbOptions;
}

/** Name of a table in lineage catalogues, by the conventions of OpenLineage. */
export interface Dataset {
  /** Server as a URI; `file` for files. */
  namespace: string;
  name: string;
}

/**
 * Engine of a bank's tables: its keys in a config, and all that follows from them without loading the engine.
 * A new engine is a file with one definition, a line in drivers.ts and, for a server, a package (load-engine.ts).
 */
export interface SourceDriver<Name extends string, K extends SourceKeys> {
  /** Name in `source.engine`. */
  engine: Name;
  /** Package that reaches its servers, loaded where a config names it. Absent: its tables are files, which DuckDB reads. */
  package?: string;
  /** SQL of the engine. */
  dialect: Dialect;
  /** Keys of `source` that belong to it. Keys of other engines can be present too. */
  keys: K;
  /** Keys that can contain a secret, by keys of `source`. `*` is any key. */
  secrets?: readonly (readonly string[])[];
  /** Faults of its keys, by key of `source`. @param chosen whether it reads the tables */
  problems?(source: Values<K>, chosen: boolean): { path: readonly string[]; message: string }[];
  /**
   * Keys, with their values, that identify the tables and decide how their values are read. They are part of a run's identity.
   */
  identity(source: Values<K>): object;
  /** Whether its tables are files, whose contents are part of a run's identity. Tables of a server have no hash. */
  readsFiles: boolean;
  /** Lineage name of a table, by its `from` in the config. */
  dataset(place: SourcePaths<Values<K>>, from: string): Dataset;
  /** Whether customers and holdings stay on the server, and only distinct baskets are transferred. */
  pushdown?(source: Values<K>): boolean;
  /**
   * Keys of `source` for a server named on the command line, except defaults. Absent: its tables are files. @throws AppError
   * usage
   */
  sourceAt?(address: string, access: ServerAccess): Readonly<Record<string, unknown>>;
  /** Tables that Basketwise makes beside the bank's, prepared for reading. */
  workTables?(source: Values<K>): WorkTables | undefined;
}

/** Access to a server, as named on the command line. */
export interface ServerAccess {
  user?: string | undefined;
  /** Environment variable that holds the password. */
  passwordEnv?: string | undefined;
  auth?: string | undefined;
  /** Schema of tables named without one. */
  schema?: string | undefined;
}

/** Any driver. */
export type AnyDriver = SourceDriver<string, SourceKeys>;

/** Declares a driver; infers its name and keys. */
export function defineDriver<const Name extends string, K extends SourceKeys>(
  driver: SourceDriver<Name, K>,
): SourceDriver<Name, K> {
  return driver;
}
