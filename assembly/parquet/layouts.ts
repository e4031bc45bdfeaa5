// Record of a Parquet row group of results.

/** Row group of results, or a part of a row group: a run of consecutive customers. */
@unmanaged
export class ResultGroup {
  /** First customer with a list. */
  customer: u32;
  /** Offset in the ids of that customer's id. */
  id: u32;
  /** Number of customers with a list. */
  served: u32;
  /** Number of rows: entries of all lists. */
  rows: u32;
  /** Bytes of the ids of the customers with a list, with their lengths. */
  textBytes: u32;
  /** Number of entries of the longest list. */
  longest: u32;
  /** Offsets in the ids of the greatest and of the least id among the customers with a list. */
  greatest: u32;
  least: u32;
}
