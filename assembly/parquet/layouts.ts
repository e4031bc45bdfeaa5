// Record of the columns of results.

/** Row group of results, or a part of it: a run of customers. */
@unmanaged
export class ResultGroup {
  /** First customer with a list. */
  customer: u32;
  /** Address of that customer's id. */
  id: u32;
  /** Customers with a list. */
  served: u32;
  rows: u32;
  /** Bytes of the ids of customers with a list. */
  textBytes: u32;
  /** Entries of the longest list. */
  longest: u32;
  /** Addresses of the greatest id, and of the least id, of customers with a list. */
  greatest: u32;
  least: u32;
}
