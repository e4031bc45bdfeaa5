// Records of requests for lists.

/** Rows of a table, their candidates, and their lists: the same for all calls of a request. */
@unmanaged
export class ListRequest {
  /** Address of u32[rows + 1], start of each row's entries, and of the u32 entries. */
  start: u32;
  entry: u32;
  /** First row with a list: the list of a row is at position row - base. */
  base: u32;
  /** Columns of the table, and products among them, which come first. */
  columns: u32;
  products: u32;
  /** Number of candidates, and the same rounded up to whole vectors. */
  candidates: u32;
  padded: u32;
  /** u32[columns]: candidate of each column, or all ones; u32[candidates]: column of each candidate. */
  candidateOf: u32;
  columnOf: u32;
  /** Greatest length of a list; u32[lists], its length. */
  n: u32;
  count: u32;
  /** u32 and f32[lists x n]: columns and scores of a list. */
  column: u32;
  score: u32;
  /** u32[lists x n]: reasons; 0: not requested. */
  reason: u32;
}

/** Steps that score each row, and those whose terms are reasons. */
@unmanaged
export class StepPlan {
  /** Records of steps, and their number. */
  steps: u32;
  count: u32;
  /** u32[partCount]: numbers of the steps that are sums whose terms are reasons. */
  parts: u32;
  partCount: u32;
  /** Bytes from the start of the scratch to the lines, and to the space for solves. */
  lines: u32;
  work: u32;
}

/** Terms of the scores of a row (topn/additive.ts). Fields unused by a model are 0. */
@unmanaged
export class AdditiveRecord {
  /**
   * Weights of the table's entries, f32, and the lines that they weight, f32[columns x padded]. Each tier takes a share of the
   * sum, f64[tiers].
   */
  weight: u32;
  matrix: u32;
  share: u32;
  /** Further lines of each tier, f32[tiers x columns x padded], weighted by band, f32[256]. */
  bands2: u32;
  matrix2: u32;
  /**
   * Lines of each tier, f32[tiers x lines of a tier x padded]. With several lines, the first is for all customers, the others for
   * each band of the newest holding.
   */
  lines: u32;
  linesOfTier: u32;
  /** Number of tiers with their own weights. A row's tier is its number of counted columns, at most tiers - 1. */
  tiers: u32;
  /** 1 for columns that are counted for the tier, u32[columns]. */
  countsForTier: u32;
  /** Number of each product in the model, u32[columns], or all ones. Address 0: no term depends on the whole basket. */
  productOf: u32;
  /** Parts of exact baskets, and their number. */
  counted: u32;
  countedParts: u32;
  /** Level of each feature, u32[contexts x features], all ones if unknown; number of features; effects, f32[levels x padded]. */
  levels: u32;
  features: u32;
  effects: u32;
}
