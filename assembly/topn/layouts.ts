// Records of requests for top-N lists.

/** Basket rows, candidates and output arrays of a request for lists. All kernel calls of a request share the record. */
@unmanaged
export class ListRequest {
  /** Start of each row's entries, u32[rows + 1]; packed entries, u32[entries]. */
  start: u32;
  entry: u32;
  /** First row with a list. The list of a row is at position row - base of the output arrays. */
  base: u32;
  /** Number of columns of the table, and number of products, which are the first columns. */
  columns: u32;
  products: u32;
  /** Number of candidates (columns that can be recommended), and `padded`: this number rounded up to a multiple of 16. */
  candidates: u32;
  padded: u32;
  /** Candidate of each column, u32[columns] (2^32 - 1: the column is no candidate); column of each candidate, u32[candidates]. */
  candidateOf: u32;
  columnOf: u32;
  /** Greatest length n of a list; length of each list, u32[lists] out. */
  n: u32;
  count: u32;
  /** Columns, u32[lists x n], and scores, f32[lists x n], of the entries of each list, out. */
  column: u32;
  score: u32;
  /** Reason of each entry, u32[lists x n] out; 0: reasons are not requested. */
  reason: u32;
}

/** Steps that score each row, and the steps whose terms can be reasons. */
@unmanaged
export class StepPlan {
  /** Steps, ScoreStep[count], and their number. */
  steps: u32;
  count: u32;
  /** Indices of the steps that add a line whose terms can be reasons, u32[partCount]. */
  parts: u32;
  partCount: u32;
  /** Byte offset in the scratch of the lines of the steps, and of the space for solving ALS systems. */
  lines: u32;
  work: u32;
}

/** Terms of additive scores (see topn/additive.ts). Fields that a model does not use are 0. */
@unmanaged
export class AdditiveRecord {
  /**
   * Weight of each entry of the table, f32[entries]; the matrix whose lines they weight, f32[columns x padded]; factor of this sum for each
   * tier, f64[tiers].
   */
  weight: u32;
  matrix: u32;
  share: u32;
  /** Second matrix, f32[tiers x columns x padded] (matrix2), and weight of its lines by recency band, f32[256] (bands2). */
  bands2: u32;
  matrix2: u32;
  /**
   * Common lines, f32[tiers x linesOfTier x padded]. Line 0 of a tier is for all customers.
   * With several lines, line b + 1 is for customers whose newest holding is in recency band b.
   */
  lines: u32;
  linesOfTier: u32;
  /** Number of customer tiers. The tier of a row is its number of columns with countsForTier = 1, capped at tiers - 1. */
  tiers: u32;
  /** 1 for columns that count for the tier, 0 for others, u32[columns]. */
  countsForTier: u32;
  /** Number of each column's product in the model, u32[columns] (`none`: no product). Address 0: no term depends on the whole basket. */
  productOf: u32;
  /** Terms from counts of exact baskets, CountedPart[countedParts], and their number. */
  counted: u32;
  countedParts: u32;
  /** Feature levels, u32[contexts x features] (`none`: unknown); number of features; effects of levels, f32[levels x padded]. */
  levels: u32;
  features: u32;
  effects: u32;
}
