/** Features of a customer: a level of each feature, in the order of the features. */
export type Context = readonly string[];

/** The distinct feature combinations of a table's rows: few, each shared by many rows. */
export interface RowContexts {
  /** Distinct combinations. */
  contexts: readonly Context[];
  /** u32[rows of the table]: position of each row's combination. */
  ofRow: Uint32Array;
}

/** A customer feature that models may rank by. */
export interface Feature {
  name: string;
  /** Its levels: categories, or bands of a number. */
  levels: readonly string[];
}

/** For each feature of a combination, the number of its level counted over all features; -1 for a level that the model does not have. */
export function levelsOf(features: readonly Feature[], context: Context): number[] {
  let first = 0;
  return features.map(({ levels }, f) => {
    const at = levels.indexOf(context[f]!);
    const level = at < 0 ? -1 : first + at;
    first += levels.length;
    return level;
  });
}
