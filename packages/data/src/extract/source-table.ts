import type { Relation } from '../engine/engine.ts';
import type { TypeOf } from './statement.ts';

/** Opened table of the bank. */
export interface SourceTable extends Relation {
  /** Number of rows, at least 1. */
  rows: number;
  typeOf: TypeOf;
  /** Names of the columns that are moments, whose day depends on the time zone. */
  zoned: readonly string[];
  /** SQL, to put after FROM, for the table without derived columns. */
  raw: string;
}

/**
 * The three tables after opening and checking: the columns that are needed exist and have types that fit, and SQL expressions are
 * valid. `customers` has the derived columns.
 */
export interface Sources {
  customers: SourceTable;
  products: SourceTable;
  holdings: SourceTable;
  /** Columns of customers that may contain consent to be contacted. Empty if a rule uses one of them. */
  consents: readonly string[];
}
