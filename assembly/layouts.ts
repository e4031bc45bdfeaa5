// Records and constants that kernels share with the host: scripts/build-wasm.mjs writes the place of each field for the host, which
// reads records as arrays of words. The fields of a record are all of one type.

/** A distinct basket on its way to a table, before its packed entries. */
@unmanaged
export class BasketRecord {
  /** The hash, later the number of the distinct basket. */
  number: u32;
  /** The row, later how many customers have the basket. */
  multiplicity: u32;
  group: u32;
  /** Number of entries. */
  length: u32;
}

/** Counts of a partition of basket records, once it is collapsed. */
@unmanaged
export class PartitionSums {
  /** Words of the records of distinct baskets. */
  words: u32;
  /** Entries of those. */
  entries: u32;
}

/** Counts of a block of rows in a partition. */
@unmanaged
export class PartitionCounts {
  /** Words of its records; later the word at which the next of them begins. */
  words: u32;
  rows: u32;
}

/** Rows of an ALS fit that are solved in one way. */
@unmanaged
export class AlsRowCounts {
  rows: u32;
  entries: u32;
}

/** How far a centre moved since the last assignment. */
@unmanaged
export class CentreMove {
  own: f64;
  /** The farthest that any other centre moved. */
  others: f64;
  /** Half the way to the nearest other centre. */
  halfGap: f64;
}

/** Part of a row group of results that a run of customers has. */
@unmanaged
export class ResultGroup {
  /** First customer with a list. */
  customer: u32;
  /** Where the id of that customer begins. */
  id: u32;
  /** Customers with a list. */
  served: u32;
  rows: u32;
  /** Bytes of the ids of customers with a list. */
  textBytes: u32;
  /** Entries of the longest list. */
  longest: u32;
  /** Where the greatest and the least of their ids begin. */
  greatest: u32;
  least: u32;
}

/**
 * A step by which rows are scored; lines are f64[padded] in the scratch of a call, lines of tables f64[.. x padded]. Fields that a kind has no use for
 * are 0.
 */
@unmanaged
export class ScoreStep {
  /** One of the numbers below. */
  kind: u32;
  /** Where in the scratch its line goes, and that which it is made of. */
  line: u32;
  from: u32;
  /** Numbers of a line: positions, rounded up. */
  padded: u32;
  /** Lines: of what is held, or of a recency band; of a tree, the confidences f64 of its rules. */
  values: u32;
  /** The line that sums start from. */
  base: u32;
  /** f64[256]: what a holding of each band counts for. */
  bands: u32;
  /** 1 where baskets differ by the recency of their newest holding. */
  byRecency: u32;
  /** Of the f64 by which a line is multiplied, or with which counts lean on theirs. */
  weight: u32;
  /** Number of the step, from 1 on, whose terms are reasons; 0: none are told. */
  part: u32;
  /** 1 where that is the whole sum: what it starts from is then what all have in common. */
  alone: u32;
  /** Where in the scratch is kept what reasons need: f64 by entry, or u32[padded]; of counts, where those of the next rows were found. */
  kept: u32;
  /** u32[padded]: place of each position in the line that it is made of; u32[columns]: position of each column, or all ones. */
  placeOf: u32;
  positionOf: u32;
  /** ALS: K f64[columns x columns] and the bytes of its rows, A, Y, their width, and the most entries that K serves. */
  hat: u32;
  hatBytes: u32;
  square: u32;
  factors: u32;
  width: u32;
  longest: u32;
  /** Counts by exact basket: slots less 1; u32[4] by slot, the set's two words and where its counts are, from .. to (0 .. 0: none); f64 (column, count). */
  mask: u32;
  slots: u32;
  counts: u32;
  /** Tree of rules: u32[nodes + 1] where each node's rules and children begin; position of each rule, column and node of each child. */
  ruleStart: u32;
  rulePosition: u32;
  childStart: u32;
  childColumn: u32;
  childNode: u32;
  /** u32[nodes]: the node above each, the column that leads from there to it, and how many lead to it. */
  parent: u32;
  parentColumn: u32;
  depth: u32;
}

/** Customers with a candidate, by what became of them: they are offered one, or counted under one reason. */
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

/** In place of an entry: there is no list; all of it rests; it has several campaigns. */
export const unlisted: i32 = -2;
export const atRest: i32 = -1;
export const mixed: i32 = -3;

/** Kinds of steps: a line of shares, sums of lines by band, by the root of the basket's length, by ALS, the best rule, counts of exact baskets. */
export const stepShares: u32 = 0;
export const stepBands: u32 = 1;
export const stepRoot: u32 = 2;
export const stepAls: u32 = 3;
export const stepRules: u32 = 4;
export const stepCounts: u32 = 5;
/** Clears a line; adds a line to another, times a weight; or the logarithm of its shares; adds it to nothing. */
export const stepClear: u32 = 6;
export const stepAdd: u32 = 7;
export const stepAddLog: u32 = 8;
export const stepFirst: u32 = 9;

/** Terms of which scores of a row are sums (topn-additive.ts). Fields that a model has no use for are 0. */
@unmanaged
export class AdditiveTerms {
  /** f32 by entry of the table, and the lines that they count for: f32[columns x padded]; the tiers of rows count with a share of it, f64[tiers]. */
  weight: u32;
  matrix: u32;
  share: u32;
  /** Other such lines of each tier, f32[tiers x columns x padded], whose entries count for what their bands do: f32[256]. */
  bands2: u32;
  matrix2: u32;
  /** f32[tiers x lines of a tier x padded]: by the recency band of the newest holding where there are more than one, the first being of all. */
  lines: u32;
  linesOfTier: u32;
  /** Tiers that have weights of their own, by how many of some columns are held, the last of all that hold more: u32[columns], 1 for each of these. */
  tiers: u32;
  countsForTier: u32;
  /** u32[columns]: product that each is to the model, or all ones. Address 0: nothing depends on what is held together. */
  productOf: u32;
  /** Parts of exact baskets, their number. */
  counted: u32;
  countedParts: u32;
  /** u32[contexts x features], all ones: never seen; f32[levels x padded]. */
  levels: u32;
  features: u32;
  effects: u32;
}

/** A term by counts of exact baskets, log(1 + count / (prior share)), times the weight of the row's tier. */
@unmanaged
export class CountedPart {
  /** f64[tiers]. */
  weights: u32;
  /** Of an f64. */
  prior: u32;
  /** f64[lines x width], by the model's columns; where there are more lines than one, by the recency band of the newest holding, the first being of all. */
  shares: u32;
  lines: u32;
  width: u32;
  /** The first column beyond the products; with the recency band of the newest holding added, one more of the set where baskets differ by it. */
  products: u32;
  byRecency: u32;
  /** As for the counts of a step, the columns being the model's. */
  mask: u32;
  slots: u32;
  counts: u32;
  /** u32[width]: candidate of each column, or all ones. */
  candidateOf: u32;
}

/** The label of a row that belongs to no cluster yet. */
export const noLabel: u32 = 0xffff;
/** Rows whose open ones are listed before their distances are measured: their bounds stay in the nearest cache. */
export const openStretch: u32 = 1024;
/** Rows whose counts are found before they are scored: the places are all over the memory, and what it answers is waited for together. */
export const rowsAhead: u32 = 32;
/** Bytes by which each of them is told: f64 the sum of its counts and the prior, u32 where its counts are, from .. to. */
export const bytesAhead: u32 = 16;
/** In place of a group: the row takes no part. In place of a place: the product does not grow the set. In place of anything else that has a number: there is none. */
export const none: u32 = 0xffff_ffff;
/** Reason of a product that no single holding or feature speaks for: the line of all, and the pseudo-products. */
export const popularReason: u32 = 0xffff_ffff;
/** The smallest share that a logarithm is taken of. */
export const smallestShare: f64 = 1e-6;
/** Words that are kept of rows of words that are looked up together: four of each. */
export const batchWords: u32 = 4 * 64;
/** Bytes of a candidate's record while shares are worked out. */
export const shareBytes: u32 = 24;
/** Bytes of four powers, in front of the records of shares. */
export const powerBytes: u32 = 32;
/** Records that are read behind the last one of shares, as powers are taken four at once. */
export const sharesBehind: u32 = 3;
/** Words of the state of a search for frequent sets, in front of its stack. */
export const frequentStateWords: u32 = 4 + 64;
