/** Level of each feature for one customer, as text, in the order of the features. */
export type Context = readonly string[];

/** Customer feature by which models can rank, with its levels. */
export interface Feature {
  name: string;
  /** Names of the levels: categories, or bands of a number. */
  levels: readonly string[];
}

/** Distinct combinations of feature levels that occur among some customers. */
export interface Combinations {
  features: readonly Feature[];
  /** Position of the level of each feature, i16[combinations x features], row-major. Negative: the value has no level. */
  codes: Int16Array;
}

/** Feature combinations of the rows of a table. Several rows can have the same combination. */
export interface RowContexts extends Combinations {
  /** Position of each row's combination, u32[rows of the table]. */
  ofRow: Uint32Array;
}

/** Label of a value without a level. */
const unseenLabel = '(new)';

/** Names of the levels of one combination, in the order of the features. A value without a level is `(new)`. */
export function contextAt({ features, codes }: Combinations, combination: number): Context {
  return features.map(({ levels }, f) => levels[codes[combination * features.length + f]!] ?? unseenLabel);
}

/**
 * For each feature, the number of the customer's level. Levels are numbered consecutively over all features. -1: the model does
 * not have the level.
 */
export function levelsOf(features: readonly Feature[], context: Context): number[] {
  let first = 0;
  return features.map(({ levels }, f) => {
    const at = levels.indexOf(context[f]!);
    const level = at < 0 ? -1 : first + at;
    first += levels.length;
    return level;
  });
}

/** Result of `levelsOf` for all combinations at once: i32[combinations x features of the model]. */
export function levelsOfAll(features: readonly Feature[], { features: givenFeatures, codes }: Combinations): Int32Array {
  const numberOf = levelNumbers(features, givenFeatures);
  const [width, given] = [features.length, givenFeatures.length];
  const allLevels = new Int32Array(given === 0 ? 0 : (codes.length / given) * width).fill(-1);
  for (let f = 0; f < Math.min(width, given); f++) {
    const numbers = numberOf[f]!;
    for (let from = f, to = f; to < allLevels.length; from += given, to += width) {
      const code = codes[from]!;
      if (code >= 0) allLevels[to] = numbers[code]!;
    }
  }
  return allLevels;
}

/**
 * For each feature of the combinations and each of its levels, the number of this level in the model. -1: the model does not have
 * the level.
 */
function levelNumbers(features: readonly Feature[], givenFeatures: readonly Feature[]): Int32Array[] {
  let first = 0;
  return features.map(({ levels }, f) => {
    const from = first;
    first += levels.length;
    return Int32Array.from(givenFeatures[f]?.levels ?? [], (label) => {
      const at = levels.indexOf(label);
      return at < 0 ? -1 : from + at;
    });
  });
}
