// Interface of kernels and host: types of parameters, and the records and constants that both read.
// scripts/build-wasm.mjs writes the position of each field for the host, which reads records as arrays of words. All fields of a
// record have one type.

/** Number of bytes. A parameter of any other type usize is an address. */
export type Bytes = usize;
/** Boolean of the host: 0 or 1. */
export type Flag = u32;

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

/** Rows of a table that an ALS fit can be trained on. */
@unmanaged
export class AlsSource {
  /** u32[rows + 1]; u32[entries], packed. */
  start: u32;
  entry: u32;
  /** u32[rows]; f32[rows], or 0: the multiplicity. */
  multiplicity: u32;
  weight: u32;
}

/** Item matrices of ALS: als/factors.ts. Products and width are padded to multiples of 8. */
@unmanaged
export class AlsMatrices {
  products: u32;
  width: u32;
  factors: u32;
  /** Y f64[products x width], A f64[width x width], Z f64[products x width], K f64[products x products]. */
  y: u32;
  a: u32;
  z: u32;
  hat: u32;
}

/** Training rows of an ALS fit, and their sums: als/rows.ts, als/customers.ts. */
@unmanaged
export class AlsRows {
  /** The table; u32 and f32[long rows], table row and weight of each; X f64[long rows x width]. */
  start: u32;
  entry: u32;
  longRow: u32;
  longWeight: u32;
  x: u32;
  /** f64[256]. */
  confidence: u32;
  /** Short rows by product, and the plan of its sums: indexAlsRows, planAlsItem. */
  columnStart: u32;
  place: u32;
  band: u32;
  set: u32;
  words: u32;
  neighbours: u32;
  /** Long rows by product: indexAlsLongRows. */
  longStart: u32;
  longPlace: u32;
  /** Results of alsCustomerSquare. */
  square: u32;
  short: u32;
}

/** Factors and rows of a fit of Bayesian personalised ranking. */
@unmanaged
export class BprFit {
  /** Basket table: u32[rows + 1], from the first row of the fit on, and packed entries ascending by column. */
  start: u32;
  entry: u32;
  /** f64[rows]: running sum of (row weight x products of the row), weights whole; products are the columns below `products`. */
  cumulative: u32;
  rows: u32;
  products: u32;
  /** Even; f64[columns x width] each; f64[columns]. */
  width: u32;
  p: u32;
  q: u32;
  bias: u32;
}

/** Counts of the rows of an ALS fit that are solved in one form. */
@unmanaged
export class AlsRowCounts {
  rows: u32;
  entries: u32;
}

/** Rows to cluster. */
@unmanaged
export class PointRows {
  /** f32[rows x d]; u16[rows x c], categories numbered across all columns; f64[rows], or 0: all 1. */
  numeric: u32;
  codes: u32;
  weight: u32;
  d: u32;
  c: u32;
  categories: u32;
}

/** Centres, and the rows' labels and bounds: clusters/kmeans.ts. */
@unmanaged
export class ClusterRun {
  /** u16[rows]; f32[rows]: bounds on the distance to the own and to the second nearest centre. */
  label: u32;
  upper: u32;
  lower: u32;
  /** Number of centres, and the same rounded up to a multiple of 4. */
  k: u32;
  kp: u32;
  /** f64[d x kp]; f64[categories x kp]. */
  centres: u32;
  costs: u32;
  /** CentreMove[k]; f64[d + 1], scales of the fixed-point sums. */
  moves: u32;
  scales: u32;
}

/** Move of a centre since the last assignment. */
@unmanaged
export class CentreMove {
  own: f64;
  /** Greatest move of any other centre. */
  others: f64;
  /** Half the distance to the nearest other centre. */
  halfGap: f64;
}

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

/**
 * Step of scoring rows. Its lines are f64[padded] in the scratch of a call; lines of tables are f64[.. x padded]. Fields unused
 * by a kind are 0.
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

/** Term from counts of exact baskets, log(1 + count / (prior share)), times the weight of the row's tier. */
@unmanaged
export class CountedPart {
  /** Weights, f64[tiers]. */
  weights: u32;
  /** Address of the prior strength, f64. */
  prior: u32;
  /**
   * Shares, f64[lines x width], in the model's columns. With several lines, the first is for all customers, the others for each
   * band of the newest holding.
   */
  shares: u32;
  lines: u32;
  width: u32;
  /**
   * Number of products, which are the first columns. If baskets differ by the recency band of the newest holding, this plus the
   * band is a member of the set.
   */
  products: u32;
  byRecency: u32;
  /** Counts as in a step, in the model's columns. */
  mask: u32;
  slots: u32;
  counts: u32;
  /** Candidate of each column, u32[width], or all ones. */
  candidateOf: u32;
}

/** Choices of the customers of a window, by set of candidates: next-purchase/choices.ts. */
@unmanaged
export class StoredChoices {
  /** Number of sets; u32[sets + 1], start of each set's candidates. */
  sets: u32;
  start: u32;
  /** u32[candidates]; f64[candidates + 1 x stride], stride even: scores by component. */
  product: u32;
  score: u32;
  stride: u32;
  /** Candidates of the largest set, rounded up to pairs. */
  room: u32;
  /** u32[sets + 1], start of each set's cells; u32[cells], class of features; f64[cells], number of choices. */
  cellStart: u32;
  classOf: u32;
  total: u32;
  /** u32[cells + 1], start of each cell's chosen candidates; u32, position in the set; f64, number of choices. */
  chosenStart: u32;
  chosen: u32;
  times: u32;
}

/** Parts of utilities, and addresses of expectations: next-purchase/choices.ts. */
@unmanaged
export class ChoiceTerms {
  /** f64[stride], weights of components; u32, byte offsets of the pairs of components whose weights are not both 0. */
  weight: u32;
  used: u32;
  /** f64[classes x products]: see `classEffects`. */
  products: u32;
  shift: u32;
  exponentialOf: u32;
  /** f64[stride] and f64[classes x products]: added to. */
  ofMembers: u32;
  ofClasses: u32;
}

/** Label of a row without a cluster. */
export const noLabel: u32 = 0xffff;
/** Rows whose open ones are listed before their distances are measured. Their bounds stay in the first-level cache. */
export const openStretch: u32 = 1024;
/** Rows whose counts are looked up before scoring. The memory accesses are random, and their latencies overlap. */
export const rowsAhead: u32 = 32;
/** Bytes of a lookup's result: f64 the sum of its counts and the prior, u32 the range of its counts. */
export const bytesAhead: u32 = 16;
/** Absent number. As group: the row is not in the campaign. As position: the product does not grow the set. */
export const none: u32 = 0xffff_ffff;
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
/** Words stored for a joint lookup: four per row. */
export const batchWords: u32 = 4 * 64;
/** Bytes of a candidate's record during the computation of shares. */
export const shareBytes: u32 = 24;
/** Bytes of four powers, before the records of shares. */
export const powerBytes: u32 = 32;
/** Records read beyond the last one of shares, because powers are computed four at a time. */
export const sharesBehind: u32 = 3;
/** Words of the state of a search for frequent sets, before its stack. */
export const frequentStateWords: u32 = 4 + 64;
/** Visited choices after which a customer's search for offers ends; it then returns an upper bound, and the best choice found. */
export const mostVisits: u32 = 20_000;
