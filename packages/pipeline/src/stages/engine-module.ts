import type { ExtractRequest, PublishedCounts } from '@basketwise/data';
import type { Settings } from '../config/load.ts';
import type { Source, SourceCheck, SourcePaths, SourcePlace } from '../drivers/driver.ts';
import type { SourceConfig, Target } from '../drivers/drivers.ts';
import type { Night } from './night.ts';
import type { RunContext } from './run-context.ts';
import type { Site } from './site.ts';

/** Tables of a server that receive the results of a config. */
export interface ResultTarget {
  /** Its server and table. */
  place: string;
  /** Further inputs of a publication besides the results. */
  inputs: Readonly<Record<string, unknown>>;
  /** Publishes the run's recommendations and offers, replacing those of the same reference date: each table separately. */
  publish(night: Pick<Night, 'context' | 'site'>): Promise<readonly PublishedCounts[]>;
}

/** The work with an engine's servers; the package of an engine exports it as `engine`. */
export interface EngineModule {
  /** Opens the engine of a source without calling a server; the first statement does. */
  open(place: SourcePlace<SourceConfig>): Promise<Source>;
  /** Checks the source for the doctor, beyond the checks of a run: continues after a failure if that is useful. */
  check?(place: SourcePaths<SourceConfig>, request: ExtractRequest, signal?: AbortSignal): AsyncGenerator<SourceCheck>;
  /** The target of a config, without calling its server. @throws AppError if its address or password is missing or invalid */
  target?(settings: Settings, to: Target): ResultTarget;
  /** The location of a run whose customers and holdings stay on the server. */
  site?(context: RunContext): Site;
  /** Shows, makes or drops the work tables of a config; `plan` calls no server. Returns the tables with their statements. */
  workTables?(settings: Settings, action: WorkTableAction, options: WorkTableOptions): Promise<readonly WorkTable[]>;
}

/** An action on the work tables: show the SQL, run it, or drop the tables. */
export type WorkTableAction = 'plan' | 'create' | 'drop';

/** Options of the action. */
export interface WorkTableOptions {
  signal?: AbortSignal;
  /** Called before each table is made. */
  progress?: (table: string) => void;
}

/** A table of the request, precomputed. */
export interface WorkTable {
  /** `schema.table`, as messages name it. */
  name: string;
  /** Statements that make it: under another name first, then in place of the old one. */
  create: readonly string[];
  drop: readonly string[];
}
