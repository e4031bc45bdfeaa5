import type { ExtractRequest, PublishedCounts } from '@basketwise/data';
import type { SourceCheck } from '@basketwise/data/engine';
import type { Settings } from '../config/load.ts';
import type { Source, SourcePaths, SourcePlace } from '../drivers/driver.ts';
import type { SourceConfig, Target } from '../drivers/drivers.ts';
import type { Night } from './night.ts';
import type { RunContext } from './run-context.ts';
import type { Site } from './site.ts';

/** Tables of a server that receive the results of a config. */
export interface ResultTarget {
  /** Server and table. */
  place: string;
  /** Further inputs of a publication besides the results. */
  inputs: Readonly<Record<string, unknown>>;
  /**
   * Publishes the run's recommendations and offers, replacing those of the same reference date. Each table is published
   * separately.
   */
  publish(night: Pick<Night, 'context' | 'site'>): Promise<readonly PublishedCounts[]>;
}

/** Functions that use an engine's servers. The package of an engine exports them as `engine`. */
export interface EngineModule {
  /** Opens the engine of a source without calling a server. The first statement does. */
  open(place: SourcePlace<SourceConfig>): Promise<Source>;
  /** Checks the source for the doctor, beyond the checks of a run. Continues after a failure if that is useful. */
  check?(place: SourcePaths<SourceConfig>, request: ExtractRequest, signal?: AbortSignal): AsyncGenerator<SourceCheck>;
  /** Target of a config, without calling its server. @throws AppError if its address or password is missing or invalid */
  target?(settings: Settings, to: Target): ResultTarget;
  /** Site of a run whose customers and holdings stay on the server. */
  site?(context: RunContext): Site;
  /** Shows, makes or drops the work tables of a config. `plan` calls no server. Returns the tables with their statements. */
  workTables?(settings: Settings, action: WorkTableAction, options: WorkTableOptions): Promise<readonly WorkTable[]>;
}

/** Action on the work tables: show the SQL, run it, or drop the tables. */
export type WorkTableAction = 'plan' | 'create' | 'drop';

/** Options of the action. */
export interface WorkTableOptions {
  signal?: AbortSignal;
  /** Called before each table is made. */
  progress?: (table: string) => void;
}

/** Precomputed table of the request. */
export interface WorkTable {
  /** Name in messages: `schema.table`. */
  name: string;
  /** Statements that make it: under another name first, then in place of the old one. */
  create: readonly string[];
  drop: readonly string[];
}
