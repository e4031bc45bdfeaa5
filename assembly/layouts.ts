// Records and constants that kernels share with the host: scripts/build-wasm.mjs writes the place of each field for the host, which
// reads records as arrays of words. The fields of a record are all of one type.

/** A distinct basket on its way to a table, before its packed entries. */
@unmanaged
export class BasketRecord {
  /** The hash, later the number of the distinct basket. */
  number: u32;
  /** The row, later how many customers have the basket. */
  multiplicity: u32;
  group: u32;
  /** Number of entries. */
  length: u32;
}

/** Counts of a partition of basket records, once it is collapsed. */
@unmanaged
export class PartitionSums {
  /** Words of the records of distinct baskets. */
  words: u32;
  /** Entries of those. */
  entries: u32;
}

/** Counts of a block of rows in a partition. */
@unmanaged
export class PartitionCounts {
  /** Words of its records; later the word at which the next of them begins. */
  words: u32;
  rows: u32;
}

/** Rows of an ALS fit that are solved in one way. */
@unmanaged
export class AlsRowCounts {
  rows: u32;
  entries: u32;
}

/** How far a centre moved since the last assignment. */
@unmanaged
export class CentreMove {
  own: f64;
  /** The farthest that any other centre moved. */
  others: f64;
  /** Half the way to the nearest other centre. */
  halfGap: f64;
}

/** Part of a row group of results that a run of customers has. */
@unmanaged
export class ResultGroup {
  /** First customer with a list. */
  customer: u32;
  /** Where the id of that customer begins. */
  id: u32;
  /** Customers with a list. */
  served: u32;
  rows: u32;
  /** Bytes of the ids of customers with a list. */
  textBytes: u32;
  /** Entries of the longest list. */
  longest: u32;
  /** Where the greatest and the least of their ids begin. */
  greatest: u32;
  least: u32;
}

/** The label of a row that belongs to no cluster yet. */
export const noLabel: u32 = 0xffff;
/** Rows whose open ones are listed before their distances are measured: their bounds stay in the nearest cache. */
export const openStretch: u32 = 1024;
/** In place of a group: the row takes no part. In place of an extra entry or of a basket: there is none. */
export const none: u32 = 0xffff_ffff;
/** Words of the state of a search for frequent sets, in front of its stack. */
export const frequentStateWords: u32 = 4 + 64;
