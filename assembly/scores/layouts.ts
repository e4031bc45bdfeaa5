// Steps that score rows, and reasons of scores.

/**
 * Step of scoring rows. A line is f64[padded], in the scratch of a call. A table is f64[lines x padded]. Fields that a kind does not
 * use are 0.
 */
@unmanaged
export class ScoreStep {
  /** Kind of step: one of the constants below. */
  kind: u32;
  /** Scratch position of its line. */
  line: u32;
  /** Scratch position of its source line. */
  from: u32;
  /** Length of a line: number of positions, rounded up. */
  padded: u32;
  /** Lines of a table: by held product, or by recency band. For a tree, the confidences f64 of its rules. */
  values: u32;
  /** Line that sums start from. */
  base: u32;
  /** Value of a holding of each band, f64[256]. */
  bands: u32;
  /** 1 if baskets differ by the recency of their newest holding. */
  byRecency: u32;
  /** Address of the f64 factor of a line. For counts, of the f64 prior strength. */
  weight: u32;
  /** Number of the step, from 1, if its terms can be reasons; 0: they cannot. */
  part: u32;
  /** Scratch position of data for reasons: f64 by entry, or u32[padded]. For counts, the counts found for the next rows. */
  kept: u32;
  /** Index of each position in the source line, u32[padded]. */
  placeOf: u32;
  /** Position of each column, u32[columns], or all ones. */
  positionOf: u32;
  /**
   * Fields of ALS: K f64[columns x columns] and the bytes of its rows, A, Y, their width, and the most entries for which K is
   * used.
   */
  hat: u32;
  hatBytes: u32;
  square: u32;
  factors: u32;
  width: u32;
  longest: u32;
  /**
   * Fields of counts by exact basket: number of slots - 1; slots u32[4], the set's two words and the range of its counts (0 .. 0:
   * none); counts f64 (column, count).
   */
  mask: u32;
  slots: u32;
  counts: u32;
  /**
   * Fields of a tree of rules: start of each node's rules and children, u32[nodes + 1]; position of each rule; column and node of
   * each child.
   */
  ruleStart: u32;
  rulePosition: u32;
  childStart: u32;
  childColumn: u32;
  childNode: u32;
  /** Fields for reasons, u32[nodes]: parent of each node, the column that leads from it to the node, and the node's depth. */
  parent: u32;
  parentColumn: u32;
  depth: u32;
}

/**
 * Kinds of steps that compute scores: a line of shares; a sum of lines weighted by band, by the root of the basket's length, or
 * by ALS; the best rule; counts of exact baskets.
 */
export const stepShares: u32 = 0;
export const stepBands: u32 = 1;
export const stepRoot: u32 = 2;
export const stepAls: u32 = 3;
export const stepRules: u32 = 4;
export const stepCounts: u32 = 5;
/** Kinds of steps on lines: clear a line; add a line times a weight; add the logarithms of its shares; start a sum with it. */
export const stepClear: u32 = 6;
export const stepAdd: u32 = 7;
export const stepAddLog: u32 = 8;
export const stepFirst: u32 = 9;
/** Rows whose counts are looked up before scoring. The memory accesses are random, and their latencies overlap. */
export const rowsAhead: u32 = 32;
/** Bytes of a lookup's result: f64 the sum of its counts and the prior, u32 the range of its counts. */
export const bytesAhead: u32 = 16;
/** Reason of a product without a term large enough for a reason. Its score comes from the common line and the pseudo-products. */
export const popularReason: u32 = 0xffff_ffff;
/**
 * Reasons from exact baskets: purchases by customers with the same two or more products; purchases by customers without products.
 */
export const sameProductsReason: u32 = 0xffff_fffe;
export const noProductsReason: u32 = 0xffff_fffd;
/** Least size of a reason's term, as a share of the score's distance from the mean. */
export const reasonShare: f64 = 0.1;
/** Smallest share whose logarithm is computed. */
export const smallestShare: f64 = 1e-6;
