import type { ExtractRequest, PublishedCounts, SourceCheck } from '@basketwise/data';
import type { Settings } from '../config/load.ts';
import type { Source, SourcePaths, SourcePlace } from '../drivers/driver.ts';
import type { SourceConfig, Target } from '../drivers/drivers.ts';
import type { RunContext } from './run-context.ts';
import type { Site } from './site.ts';
import type { Night } from './stage.ts';

/** Tables of a server that receive the results of runs. */
export interface ResultTarget {
  /** Text that identifies the server and the table. */
  place: string;
  /** Inputs of a publication besides the results. */
  inputs: Readonly<Record<string, unknown>>;
  /** Publishes the recommendations and offers of a run. They replace the rows of the same reference date. Each table is published separately. */
  publish(night: Pick<Night, 'context' | 'site'>): Promise<readonly PublishedCounts[]>;
}

/** Functions that use the servers of an engine. The package of an engine exports them as `engine`. */
export interface EngineModule {
  /** Opens the engine of a source without connecting to a server. The first statement connects. */
  open(place: SourcePlace<SourceConfig>): Promise<Source>;
  /** Checks the source for the command `doctor`, in more detail than a run does. Continues after a failure if further checks are useful. */
  check?(place: SourcePaths<SourceConfig>, request: ExtractRequest, signal?: AbortSignal): AsyncGenerator<SourceCheck>;
  /**
   * Target of a config. The server is not called.
   * @throws AppError if the address or password of the server is missing or invalid
   */
  target?(settings: Settings, to: Target): ResultTarget;
  /** Site of a run with pushdown: its customers and holdings stay on the server. */
  site?(context: RunContext): Site;
  /** Shows, makes or drops the work tables of a config. `plan` calls no server. Returns the work tables with their statements. */
  workTables?(settings: Settings, action: WorkTableAction, options: WorkTableOptions): Promise<readonly WorkTable[]>;
}

/** Action on the work tables: show the SQL, run it, or drop the tables. */
export type WorkTableAction = 'plan' | 'create' | 'drop';

/** Options of an action on work tables. */
export interface WorkTableOptions {
  signal?: AbortSignal;
  /** Called before each table is made. */
  progress?: (table: string) => void;
}

/** Work table: a join of the bank's tables, stored on the server for the extraction. */
export interface WorkTable {
  /** Name in messages: `schema.table`. */
  name: string;
  /** Statements that make the table under another name, and then rename it to replace the old table. */
  create: readonly string[];
  drop: readonly string[];
}
