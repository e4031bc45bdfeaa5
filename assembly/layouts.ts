// Interface of kernels and host: types of parameters, and records and constants that both read. scripts/build-wasm.mjs writes the position of
// each field for the host, which reads records as arrays of words. All fields of a record have one type.

/** A number of bytes. A parameter of any other type usize is an address. */
export type Bytes = usize;
/** A boolean of the host: 0 or 1. */
export type Flag = u32;

/** A distinct basket before it becomes a table row, followed by its packed entries. */
@unmanaged
export class BasketRecord {
  /** The hash, later the number of the distinct basket. */
  number: u32;
  /** The row, later the number of customers with the basket. */
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
  /** Entries of those records. */
  entries: u32;
}

/** Counts of a block of rows in a partition. */
@unmanaged
export class PartitionCounts {
  /** Words of its records; later the position of its next record. */
  words: u32;
  rows: u32;
}

/** Rows to collapse, the same for all blocks; address 0 stands for an absent array. */
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

/** Rows of a table that may train an ALS fit. */
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

/** Rows of an ALS fit that are solved in one way. */
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

/** Part of a row group of results for a run of customers. */
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
  /** Addresses of their greatest and least ids. */
  greatest: u32;
  least: u32;
}

/**
 * A step of scoring rows; lines are f64[padded] in the scratch of a call, lines of tables f64[.. x padded]. Fields unused by a kind are 0.
 */
@unmanaged
export class ScoreStep {
  /** One of the numbers below. */
  kind: u32;
  /** Scratch positions of its line, and of the line that it is computed from. */
  line: u32;
  from: u32;
  /** Length of a line: number of positions, rounded up. */
  padded: u32;
  /** Lines: by held product, or by recency band; of a tree, the confidences f64 of its rules. */
  values: u32;
  /** The line that sums start from. */
  base: u32;
  /** f64[256]: value of a holding of each band. */
  bands: u32;
  /** 1 if baskets differ by the recency of their newest holding. */
  byRecency: u32;
  /** Address of the f64 factor of a line, or of the prior strength of counts. */
  weight: u32;
  /** Number of the step, from 1 on, whose terms are reasons; 0: none. */
  part: u32;
  /** Scratch position of data for reasons: f64 by entry, or u32[padded]; for counts, the counts found for the next rows. */
  kept: u32;
  /** u32[padded]: index of each position in the source line; u32[columns]: position of each column, or all ones. */
  placeOf: u32;
  positionOf: u32;
  /** ALS: K f64[columns x columns] and the bytes of its rows, A, Y, their width, and the most entries for which K is used. */
  hat: u32;
  hatBytes: u32;
  square: u32;
  factors: u32;
  width: u32;
  longest: u32;
  /**
   * Counts by exact basket: slots less 1; u32[4] by slot, the set's two words and the range of its counts (0 .. 0: none); f64 (column,
   * count).
   */
  mask: u32;
  slots: u32;
  counts: u32;
  /** Tree of rules: u32[nodes + 1] start of each node's rules and children; position of each rule, column and node of each child. */
  ruleStart: u32;
  rulePosition: u32;
  childStart: u32;
  childColumn: u32;
  childNode: u32;
  /** u32[nodes]: parent of each node, the column that leads from it to the node, and the node's depth. */
  parent: u32;
  parentColumn: u32;
  depth: u32;
}

/** Classes of equal customers, and their candidates for offers. */
@unmanaged
export class OfferClasses {
  /** u32[classes x width]: lists of each class. */
  list: u32;
  width: u32;
  /** u32[lists + 1]; item u32 and value f32 of each entry. */
  start: u32;
  listed: u32;
  worth: u32;
  /** u32[classes]: group of customers. */
  group: u32;
  /** u32[classes]: set of items in cool-off, 0: none; u32[sets + 1]; u32 item of each. */
  rest: u32;
  restStart: u32;
  restItem: u32;
  /** u32[classes]: customers. */
  offered: u32;
  /** u32[items x 4]: campaign, product, bits of the exclusive sets, most offers of the campaign per customer. */
  items: u32;
  itemCount: u32;
  /** Most offers to a customer. */
  most: u32;
}

/** Pairs of group and item (cells), and the capacities that count them. */
@unmanaged
export class CountedCells {
  cells: u32;
  /** u32[cells + 1]; u32: capacities of each cell. */
  start: u32;
  capacity: u32;
  /** u32[capacities]: row of the curvature, or none; number of rows. */
  freeOf: u32;
  free: u32;
}

/** Words of rows to number. */
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
  /** u32[numbers x (width + 1)]: words and first row of each number; there is space for all rows. */
  keys: u32;
  /** u32[slots x 2], slots a power of 2, more than there will be numbers. */
  table: u32;
  slots: u32;
}

/** Candidates packed class by class. */
@unmanaged
export class PackedOffers {
  /** u32[classes + 1] first candidate, u32[classes] customers, f32[classes] greatest value of each class. */
  begin: u32;
  customers: u32;
  top: u32;
  /** Cell u32 and value f32 of each candidate. */
  cell: u32;
  worth: u32;
  /** u32[classes] number of each class in the problem, and u32 entry of each candidate; 0: not written. */
  classOf: u32;
  entry: u32;
}

/** Sums of shares over classes. */
@unmanaged
export class ShareSums {
  /** f64[cells]: sums of customers times shares, written. */
  sums: u32;
  /** f64[cells]: sums of customers times p (ln p - sum of p ln p), written; 0: neither these nor the curvature are computed. */
  drift: u32;
  /** f64[free x free], lower triangle: added to. */
  curvature: u32;
  /** f64[3]: smoothed values, greatest reduced values, and values of the shares: written. */
  totals: u32;
}

/** Customers with a candidate, by outcome: each has an offer, or is counted under one reason. */
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

/** Stand for an entry: no list; all entries in cool-off; entries of several campaigns. */
export const unlisted: i32 = -2;
export const atRest: i32 = -1;
export const mixed: i32 = -3;

/**
 * Kinds of steps: a line of shares, sums of lines weighted by band, by the root of the basket's length, by ALS, the best rule, counts of
 * exact baskets.
 */
export const stepShares: u32 = 0;
export const stepBands: u32 = 1;
export const stepRoot: u32 = 2;
export const stepAls: u32 = 3;
export const stepRules: u32 = 4;
export const stepCounts: u32 = 5;
/** Clears a line; adds a line to another, times a weight; or the logarithm of its shares; starts a sum with it. */
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
  /** f32 by entry of the table, and the lines that they weight: f32[columns x padded]; each tier takes a share of the sum, f64[tiers]. */
  weight: u32;
  matrix: u32;
  share: u32;
  /** Further lines of each tier, f32[tiers x columns x padded], weighted by band: f32[256]. */
  bands2: u32;
  matrix2: u32;
  /** f32[tiers x lines of a tier x padded]: by the recency band of the newest holding if there are several, the first for all customers. */
  lines: u32;
  linesOfTier: u32;
  /**
   * Tiers with their own weights, by the number of certain columns held, the last for all greater numbers: u32[columns], 1 for each counted
   * column.
   */
  tiers: u32;
  countsForTier: u32;
  /** u32[columns]: number of each product in the model, or all ones. Address 0: no term depends on the whole basket. */
  productOf: u32;
  /** Parts of exact baskets, and their number. */
  counted: u32;
  countedParts: u32;
  /** u32[contexts x features], all ones: unknown level; f32[levels x padded]. */
  levels: u32;
  features: u32;
  effects: u32;
}

/** A term from counts of exact baskets, log(1 + count / (prior share)), times the weight of the row's tier. */
@unmanaged
export class CountedPart {
  /** f64[tiers]. */
  weights: u32;
  /** Address of an f64. */
  prior: u32;
  /**
   * f64[lines x width], by the model's columns; if there are several lines, by the recency band of the newest holding, the first for all
   * customers.
   */
  shares: u32;
  lines: u32;
  width: u32;
  /**
   * The first column beyond the products; plus the recency band of the newest holding, a further member of the set if baskets differ by it.
   */
  products: u32;
  byRecency: u32;
  /** As for the counts of a step, with the model's columns. */
  mask: u32;
  slots: u32;
  counts: u32;
  /** u32[width]: candidate of each column, or all ones. */
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
/** Rows per batch of listing open rows before measuring their distances: their bounds stay in the first-level cache. */
export const openStretch: u32 = 1024;
/** Rows whose counts are looked up before scoring: the memory accesses are random, and their latencies overlap. */
export const rowsAhead: u32 = 32;
/** Bytes of a lookup's result: f64 the sum of its counts and the prior, u32 the range of its counts. */
export const bytesAhead: u32 = 16;
/** Stands for an absent number. As group: the row is not in the campaign. As position: the product does not grow the set. */
export const none: u32 = 0xffff_ffff;
/** Reason of a product without a larger term than the least of a reason: the common line, and the pseudo-products. */
export const popularReason: u32 = 0xffff_ffff;
/** Reasons from exact baskets: purchases by customers with the same products, two or more; by customers without products. */
export const sameProductsReason: u32 = 0xffff_fffe;
export const noProductsReason: u32 = 0xffff_fffd;
/** A term of at most this share of the score's distance from the mean is no reason. */
export const reasonShare: f64 = 0.1;
/** The smallest share whose logarithm is computed. */
export const smallestShare: f64 = 1e-6;
/** Words stored per row of a joint lookup: four for each row. */
export const batchWords: u32 = 4 * 64;
/** Bytes of a candidate's record during the computation of shares. */
export const shareBytes: u32 = 24;
/** Bytes of four powers, before the records of shares. */
export const powerBytes: u32 = 32;
/** Records read beyond the last one of shares, as powers are computed four at a time. */
export const sharesBehind: u32 = 3;
/** Words of the state of a search for frequent sets, before its stack. */
export const frequentStateWords: u32 = 4 + 64;
/** Visited choices after which a customer's search for offers ends; it then returns an upper bound, and the best choice found. */
export const mostVisits: u32 = 20_000;
