// Records of the collapse of baskets.

/** Distinct basket before it becomes a table row. Its packed entries follow the record. */
@unmanaged
export class BasketRecord {
  /** Hash; later the number of the distinct basket. */
  number: u32;
  /** Row number; later the number of customers with the basket. */
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
  /** Entries of these records. */
  entries: u32;
}

/** Counts of a block of rows in a partition. */
@unmanaged
export class PartitionCounts {
  /** Words of its records; later the position of its next record. */
  words: u32;
  rows: u32;
}

/** Rows to collapse, the same for all blocks. Address 0 stands for an absent array. */
@unmanaged
export class CollapseSource {
  /** u32[rows + 1]; u32[entries], packed; i32[columns of the entries]: column in the result, or below 0. */
  start: u32;
  entry: u32;
  projection: u32;
  /** u32[rows], or 0: all in group 0. */
  group: u32;
  /** u32[rows] packed entries, columns counted from extraBase, or 0. */
  extra: u32;
  extraBase: u32;
  /** u32[rows]; bits of a hash below the number of its partition. */
  hashes: u32;
  shift: u32;
}
