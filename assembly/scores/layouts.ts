// Records and constants of the steps that score rows, and of the reasons of scores.

/**
 * One step in the scoring of a row. Each step writes a line of scores.
 * A line is f64[padded] in the scratch of a call, with one number per position (requested column). A table is f64[lines x padded].
 * Fields that the step's kind does not use are 0.
 */
@unmanaged
export class ScoreStep {
  /** Kind of step: one of the constants below. */
  kind: u32;
  /** Byte offset in the scratch of the line that the step writes. */
  line: u32;
  /** Byte offset in the scratch of the line that the step reads. */
  from: u32;
  /** Length of a line: number of positions, rounded up to a multiple of 4. */
  padded: u32;
  /** Table with a line for each held product, or for each recency band. For a tree of rules: confidence of each rule, f64. */
  values: u32;
  /** Line to which the terms of a sum are added. */
  base: u32;
  /** Value of a holding of each band, f64[256]. */
  bands: u32;
  /** 1 if the recency band of the newest holding is part of the basket. */
  byRecency: u32;
  /** Address of an f64: factor of the source line. For counts: strength of the prior, in counts. */
  weight: u32;
  /** For a step that adds a line: number, from 1, of the step that computed the line, if its terms can be reasons; 0 otherwise. */
  part: u32;
  /**
   * Byte offset in the scratch of data for reasons: weight of each entry, f64, or tree node of each position, u32[padded].
   * For counts: results of `findCounts` for the next rows.
   */
  kept: u32;
  /** Index of each position in the source line, u32[padded]. */
  placeOf: u32;
  /** Position of each column, u32[columns]; `none` for a column that is not requested. */
  positionOf: u32;
  /**
   * Fields of ALS. hat: K f64[columns x columns]; hatBytes: bytes of a row of K; square: A f64[width x width];
   * factors: Y f64[columns x width]; width: padded number of factors; longest: greatest number of entries for the dual solve, by K.
   */
  hat: u32;
  hatBytes: u32;
  square: u32;
  factors: u32;
  width: u32;
  longest: u32;
  /**
   * Fields of counts by exact basket. mask: number of slots - 1. slots: u32[slots x 4], two hash words of the set, then start and end
   * of its counts (0 .. 0 for a free slot). counts: pairs (f64 column, f64 count).
   */
  mask: u32;
  slots: u32;
  counts: u32;
  /**
   * Fields of a tree of rules. ruleStart and childStart: start of each node's rules and children, u32[nodes + 1].
   * rulePosition: position that each rule recommends. childColumn and childNode: column and node of each child.
   */
  ruleStart: u32;
  rulePosition: u32;
  childStart: u32;
  childColumn: u32;
  childNode: u32;
  /** Fields for reasons, u32[nodes] each: parent of a node, column on the edge from parent to node, depth of the node. */
  parent: u32;
  parentColumn: u32;
  depth: u32;
}

/**
 * Kinds of steps that compute scores:
 * - stepShares: a line of shares
 * - stepBands, stepRoot, stepAls: a sum of lines over entries, weighted by recency band, by the root of the entries' number, or by ALS
 * - stepRules: the confidence of the best rule
 * - stepCounts: counts of exact baskets
 */
export const stepShares: u32 = 0;
export const stepBands: u32 = 1;
export const stepRoot: u32 = 2;
export const stepAls: u32 = 3;
export const stepRules: u32 = 4;
export const stepCounts: u32 = 5;
/**
 * Kinds of steps that combine lines:
 * - stepClear: sets a line to zeros
 * - stepAdd: adds weight x source line
 * - stepAddLog: adds weight x ln(source line)
 * - stepFirst: sets a line to weight x source line
 */
export const stepClear: u32 = 6;
export const stepAdd: u32 = 7;
export const stepAddLog: u32 = 8;
export const stepFirst: u32 = 9;
/** Number of rows whose counts are looked up in one batch, so that the latencies of the random memory accesses overlap. */
export const rowsAhead: u32 = 32;
/** Bytes of one row's lookup result: f64 prior + sum of counts, u32 start and u32 end of the counts. */
export const bytesAhead: u32 = 16;
/** Reason "popular": no single term of the score is large enough to be its reason. */
export const popularReason: u32 = 0xffff_ffff;
/**
 * Reasons from counts of exact baskets. sameProductsReason: purchases by customers who hold the same two or more products.
 * noProductsReason: purchases by customers who hold no products.
 */
export const sameProductsReason: u32 = 0xffff_fffe;
export const noProductsReason: u32 = 0xffff_fffd;
/** Threshold of a term that can be a reason, as a share of the score's distance from the mean score. */
export const reasonShare: f64 = 0.1;
/** Smallest argument of a logarithm. A smaller share is replaced by it. */
export const smallestShare: f64 = 1e-6;
