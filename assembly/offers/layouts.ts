// Records and constants of the allocation of offers.
// An item is a product in a campaign. A class is a set of equal customers: same group, lists and items in cool-off.

/** Classes of equal customers, and their candidates for offers. Each field holds a number or the address of an array. */
@unmanaged
export class OfferClasses {
  /** Numbers of the lists of each class, u32[classes x width]; number of lists per class. */
  list: u32;
  width: u32;
  /** Start of each list's entries, u32[lists + 1]; item of each entry, u32[entries]; value of an offer of the entry, f32[entries]. */
  start: u32;
  listed: u32;
  worth: u32;
  /** Group of the customers of each class, u32[classes]. */
  group: u32;
  /** Set of items in cool-off, u32[classes] (0: no item); start of each set's items, u32[sets + 1]; items of the sets, u32. */
  rest: u32;
  restStart: u32;
  restItem: u32;
  /** Number of customers of each class who can get offers (the control is excluded), u32[classes]. */
  offered: u32;
  /**
   * Data of each item, u32[items x 4]: campaign, product, bit mask of its exclusive sets, limit of the campaign's offers per customer.
   */
  items: u32;
  itemCount: u32;
  /** Greatest number of offers to a customer. */
  most: u32;
}

/** Cells, and the capacities that count their offers. A cell is a pair of customer group and item. */
@unmanaged
export class CountedCells {
  cells: u32;
  /** Start of each cell's capacities, u32[cells + 1]; numbers of the capacities, u32. */
  start: u32;
  capacity: u32;
  /** Row of each capacity in the Hessian, u32[capacities], `none` for a capacity with a fixed price; number of rows. */
  freeOf: u32;
  free: u32;
}

/** Source rows of `numberRows`: the words of each row, stored by column. */
@unmanaged
export class NumberedWords {
  /** u32[width x rows]: columns that start `stride` bytes apart. The first `lists` columns hold list numbers. */
  columns: u32;
  stride: u32;
  width: u32;
  lists: u32;
}

/** Hash table of the distinct rows of one part. */
@unmanaged
export class NumberSlots {
  /** u32[numbers x (width + 1)]: words of each distinct row, and the first row with these words. The space suffices for all rows. */
  keys: u32;
  /** u32[slots x 2]: lower half of the hash, and number + 1 (0: free slot). `slots` is a power of 2 above the final count of numbers. */
  table: u32;
  slots: u32;
}

/** Candidates for offers, packed class by class. */
@unmanaged
export class PackedOffers {
  /** First candidate of each class, u32[classes + 1]; number of customers, u32[classes]; greatest value of a candidate, f32[classes]. */
  begin: u32;
  customers: u32;
  top: u32;
  /** Cell of each candidate, u32[candidates]; its value, f32[candidates]. */
  cell: u32;
  worth: u32;
  /** Number of each packed class in OfferClasses, u32[classes]; list entry of each candidate, u32[candidates]. 0: not written. */
  classOf: u32;
  entry: u32;
}

/** Addresses of sums over classes, written by `shareOffers`. A share p is the fraction of a class that gets a candidate. */
@unmanaged
export class ShareSums {
  /** Expected offers, f64[cells] out: sum over all classes of the number of customers times p. */
  sums: u32;
  /**
   * Derivative of the expected offers in the width, times -width, f64[cells] out: sum of customers x p (ln p - sum of p ln p).
   * 0: neither this derivative nor the Hessian is computed.
   */
  drift: u32;
  /** Hessian of the smoothed value in the free prices, f64[free x free], lower triangle: added to. */
  curvature: u32;
  /** Totals over customers, f64[3] out: smoothed value, greatest reduced value, value of the fractional offers. */
  totals: u32;
}

/** Numbers of customers with a candidate, by outcome. A customer has an offer, or is counted under one reason for no offer. */
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

/**
 * Markers stored in place of a list entry: `unlisted` for no list, `atRest` if all entries are in cool-off, `mixed` for entries of
 * several campaigns.
 */
export const unlisted: i32 = -2;
export const atRest: i32 = -1;
export const mixed: i32 = -3;
/** Scratch words of one batch of lookups in `numberRows`: four per row, 64 rows. */
export const batchWords: u32 = 4 * 64;
/** Bytes of a candidate's record in the scratch of `shareOffers`. */
export const shareBytes: u32 = 24;
/** Bytes of four exponentials, stored before the records of `shareOffers`. */
export const powerBytes: u32 = 32;
/** Number of records read beyond the last candidate: exponentials are computed four at a time. */
export const sharesBehind: u32 = 3;
/** Limit of visited candidates in one customer's search for offers. Beyond it, the search returns an upper bound and the best set found. */
export const mostVisits: u32 = 20_000;
