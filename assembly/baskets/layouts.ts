// Records of the collapse of customers into distinct baskets.

/** Head of a basket record, before the basket becomes a row of the basket table. The packed entries follow the head. */
@unmanaged
export class BasketRecord {
  /** Before the collapse the hash, afterwards the number of the distinct basket. */
  number: u32;
  /** Before the collapse the row number, afterwards the number of customers with the basket. */
  multiplicity: u32;
  group: u32;
  /** Number of entries. */
  length: u32;
}

/** Counts of a collapsed partition of basket records. */
@unmanaged
export class PartitionSums {
  /** Words of the records of distinct baskets. */
  words: u32;
  /** Number of entries of the distinct baskets. */
  entries: u32;
}

/** Counts of those rows of a block that belong to a partition. */
@unmanaged
export class PartitionCounts {
  /** Words of the records of these rows. While records are written: position (in words) of the next record. */
  words: u32;
  rows: u32;
}

/** Rows to collapse, the same record for all blocks of rows. Address 0 means that the array is absent. */
@unmanaged
export class CollapseSource {
  /**
   * start u32[rows + 1]: start of each row's entries. entry u32[entries]: packed entries.
   * projection i32[columns]: column in the result, below 0 if the column is dropped.
   */
  start: u32;
  entry: u32;
  projection: u32;
  /** Group of each row, u32[rows]; 0: all rows are in group 0. */
  group: u32;
  /** One extra packed entry of each row, u32[rows], with columns counted from extraBase; `none` for a row without one. 0: no extra entries. */
  extra: u32;
  extraBase: u32;
  /** Hash of each row, u32[rows]. A hash shifted right by `shift` bits is the number of the row's partition. */
  hashes: u32;
  shift: u32;
}
