// Records and constants of offers.

/** Classes of equal customers, and their candidates for offers. */
@unmanaged
export class OfferClasses {
  /** Lists of each class, u32[classes x width]. */
  list: u32;
  width: u32;
  /** Start of each list's entries, u32[lists + 1]; item u32 and value f32 of each entry. */
  start: u32;
  listed: u32;
  worth: u32;
  /** Group of the customers of each class, u32[classes]. */
  group: u32;
  /** Set of items in cool-off, u32[classes], 0: none; start of each set's items, u32[sets + 1]; items, u32. */
  rest: u32;
  restStart: u32;
  restItem: u32;
  /** Number of customers of each class, u32[classes]. */
  offered: u32;
  /**
   * Data of each item, u32[items x 4]: campaign, product, bits of the exclusive sets, most offers of the campaign per customer.
   */
  items: u32;
  itemCount: u32;
  /** Most offers to a customer. */
  most: u32;
}

/** Pairs of group and item (cells), and the capacities that count them. */
@unmanaged
export class CountedCells {
  cells: u32;
  /** Start of each cell's capacities, u32[cells + 1]; capacities, u32. */
  start: u32;
  capacity: u32;
  /** Row of the curvature of each capacity, u32[capacities], or none; number of rows. */
  freeOf: u32;
  free: u32;
}

/** Words of the rows to number. */
@unmanaged
export class NumberedWords {
  /** u32[width] columns, `stride` bytes apart; the first `lists` columns are lists. */
  columns: u32;
  stride: u32;
  width: u32;
  lists: u32;
}

/** Numbers of one part of the rows. */
@unmanaged
export class NumberSlots {
  /** u32[numbers x (width + 1)]: words and first row of each number. There is space for all rows. */
  keys: u32;
  /** u32[slots x 2], slots a power of 2, more than there will be numbers. */
  table: u32;
  slots: u32;
}

/** Candidates packed class by class. */
@unmanaged
export class PackedOffers {
  /** First candidate of each class, u32[classes + 1]; customers, u32[classes]; greatest value, f32[classes]. */
  begin: u32;
  customers: u32;
  top: u32;
  /** Cell u32 and value f32 of each candidate. */
  cell: u32;
  worth: u32;
  /** Number of each class in the problem, u32[classes], and entry of each candidate, u32. 0: not written. */
  classOf: u32;
  entry: u32;
}

/** Sums of shares over classes. */
@unmanaged
export class ShareSums {
  /** Sums of customers times shares, f64[cells]: written. */
  sums: u32;
  /**
   * Sums of customers times p (ln p - sum of p ln p), f64[cells]: written. 0: neither these sums nor the curvature are computed.
   */
  drift: u32;
  /** Curvature, f64[free x free], lower triangle: added to. */
  curvature: u32;
  /** Smoothed values, greatest reduced values, and values of the shares, f64[3]: written. */
  totals: u32;
}

/** Customers with a candidate, by outcome. Each has an offer, or is counted under one reason. */
@unmanaged
export class OutcomeRow {
  candidates: f64;
  offered: f64;
  rest: f64;
  control: f64;
  worthLess: f64;
  neverTogether: f64;
  capacity: f64;
}

/** Values in place of an entry: no list; all entries in cool-off; entries of several campaigns. */
export const unlisted: i32 = -2;
export const atRest: i32 = -1;
export const mixed: i32 = -3;
/** Words stored for a joint lookup: four per row. */
export const batchWords: u32 = 4 * 64;
/** Bytes of a candidate's record during the computation of shares. */
export const shareBytes: u32 = 24;
/** Bytes of four powers, before the records of shares. */
export const powerBytes: u32 = 32;
/** Records read beyond the last one of shares, because powers are computed four at a time. */
export const sharesBehind: u32 = 3;
/** Visited choices after which a customer's search for offers ends; it then returns an upper bound, and the best choice found. */
export const mostVisits: u32 = 20_000;
