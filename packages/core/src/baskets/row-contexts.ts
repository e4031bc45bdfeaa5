/** Context of a customer beside their basket: a level of each feature, in the order of the features. */
export type Context = readonly string[];

/** The contexts of a table's rows: few, and shared by many rows. */
export interface RowContexts {
  /** Distinct contexts. */
  contexts: readonly Context[];
  /** u32[rows of the table]: position of each row's context. */
  ofRow: Uint32Array;
}

/** A column of customers by which models may rank. */
export interface Feature {
  name: string;
  /** Its levels: categories, or bands of numbers. */
  levels: readonly string[];
}

/** Number over all features of the level that a context has of each; -1 where it was never seen. */
export function levelsOf(features: readonly Feature[], context: Context): number[] {
  let first = 0;
  return features.map(({ levels }, f) => {
    const at = levels.indexOf(context[f]!);
    const level = at < 0 ? -1 : first + at;
    first += levels.length;
    return level;
  });
}
