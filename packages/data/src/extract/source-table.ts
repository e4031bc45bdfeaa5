import type { Relation } from '../engine/engine.ts';
import type { TypeOf } from './statement.ts';

/** Readable table of the bank. */
export interface SourceTable extends Relation {
  /** Number of rows, at least 1. */
  rows: number;
  typeOf: TypeOf;
  /** Columns that are moments, whose day depends on the zone. */
  zoned: readonly string[];
  /** Table without derived columns: SQL to put after FROM. */
  raw: string;
}

/**
 * The three tables, opened and checked: columns exist with fitting types, expressions are valid. `customers` has the derived
 * columns.
 */
export interface Sources {
  customers: SourceTable;
  products: SourceTable;
  holdings: SourceTable;
  /** Columns of customers that may contain consent to be addressed. Empty if a rule uses one of them. */
  consents: readonly string[];
}
