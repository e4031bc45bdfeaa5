import type { AppError } from '@basketwise/core';
import type { Dialect, DuckdbEngine, DuckdbOptions, Engine, ExtractRequest, WorkTables } from '@basketwise/data';
import type { z } from 'zod';

/** Keys of `source` with their schemas. */
export type Keys = Readonly<Record<string, z.ZodType>>;

/** Their values, beside what every engine heeds. */
type Values<K extends Keys> = { [Name in keyof K]: z.output<K[Name]> } & {
  /** The zone in which a moment has its day. */
  time_zone?: string | undefined;
};

/** Where a job reads the bank's tables. */
export interface Source {
  engine: Engine;
  /** Where rows are joined and written. */
  workbench: DuckdbEngine;
  close(): Promise<void>;
}

/** Options of a driver, and where their paths start. */
interface SourcePaths<Options> {
  source: Options;
  /** Absolute path of one that the config names. */
  path(relative: string): string;
}

/** Options, paths and workbench that a driver works with. */
interface DriverContext<Options> extends SourcePaths<Options> {
  /** How the workbench is opened. */
  workbench: DuckdbOptions;
}

/** A table as catalogues of lineage call it, by the conventions of OpenLineage. */
export interface Dataset {
  /** The server that it is in, as a URI; `file` for files. */
  namespace: string;
  name: string;
}

/** One thing of a source that was looked at. */
export interface SourceCheck {
  /** The thing that was looked at, in a few words. */
  name: string;
  /** The finding; for people. */
  text: string;
  /** Why it does not do; absent when it does. */
  failure?: AppError;
}

/** All that the pipeline knows of an engine that a bank's tables are read from. A new engine is a file with one of these and a line in drivers.ts. */
export interface SourceDriver<Name extends string, K extends Keys> {
  /** As `source.engine` names it. */
  engine: Name;
  /** The SQL that it understands. */
  dialect: Dialect;
  /** Its keys of `source`; those of other engines may be there too. */
  keys: K;
  /** Where its keys may hold a secret, by keys of `source`; `*` is any key. */
  secrets?: readonly (readonly string[])[];
  /** Faults of its keys, by key of `source`; `chosen`: whether the tables are read by it. */
  problems?(source: Values<K>, chosen: boolean): { path: readonly string[]; message: string }[];
  /** Opens the engine; no server is called before the first statement. */
  open(context: DriverContext<Values<K>>): Promise<Source>;
  /** Keys that say which tables are meant and decide how their values are read, with their values: part of a run's identity. */
  identity(source: Values<K>): object;
  /** Whether its tables are files, whose contents are part of a run's identity; tables of a server have none. */
  readsFiles: boolean;
  /** A table, as `from` of the config names it, to a catalogue of lineage. */
  dataset(place: SourcePaths<Values<K>>, from: string): Dataset;
  /** Looks at the source for the doctor, beyond what a run checks itself: goes on after a failure where that makes sense. */
  check?(place: SourcePaths<Values<K>>, request: ExtractRequest, signal?: AbortSignal): AsyncGenerator<SourceCheck>;
  /** Whether customers and holdings stay where they are, and only distinct baskets come here. */
  pushdown?(source: Values<K>): boolean;
  /** The keys of `source` for a server that the command line names, but for those that keep their defaults; absent: its tables are files. @throws AppError usage */
  sourceAt?(address: string, access: ServerAccess): Readonly<Record<string, unknown>>;
  /** Tables of ours beside the bank's, prepared for reading. */
  workTables?(source: Values<K>): WorkTables | undefined;
}

/** How a server named on the command line is entered. */
export interface ServerAccess {
  user?: string | undefined;
  /** The environment variable that holds the password. */
  passwordEnv?: string | undefined;
  auth?: string | undefined;
  /** Where tables named without a schema are. */
  schema?: string | undefined;
}

/** Any driver. */
export type AnyDriver = SourceDriver<string, Keys>;

/** Declares a driver. */
export function defineDriver<const Name extends string, K extends Keys>(driver: SourceDriver<Name, K>): SourceDriver<Name, K> {
  return driver;
}
