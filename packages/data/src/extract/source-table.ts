import type { Relation } from '../engine/engine.ts';
import type { TypeOf } from './statement.ts';

/** A readable table of the bank. */
export interface SourceTable extends Relation {
  /** Rows, at least 1. */
  rows: number;
  typeOf: TypeOf;
  /** Columns that are moments, whose day depends on the zone. */
  zoned: readonly string[];
  /** The table without derived columns: SQL to put after FROM. */
  raw: string;
}

/** The three tables, opened and checked: columns exist with fitting types, expressions are valid. `customers` has the derived columns. */
export interface Sources {
  customers: SourceTable;
  products: SourceTable;
  holdings: SourceTable;
  /** Columns of customers that may say who may be addressed, if no rule uses one of them. */
  consents: readonly string[];
}
