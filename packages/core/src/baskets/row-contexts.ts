/** Feature levels of a customer, in the order of the features. */
export type Context = readonly string[];

/** Customer feature that models can rank by. */
export interface Feature {
  name: string;
  /** Categories, or bands of a number. */
  levels: readonly string[];
}

/** Distinct combinations of feature levels. */
export interface Combinations {
  features: readonly Feature[];
  /** Position of the level of each feature, i16[combinations x features], row-major. Negative: the value has no level. */
  codes: Int16Array;
}

/** Feature combinations of a table's rows. Many rows can share one. */
export interface RowContexts extends Combinations {
  /** Position of each row's combination, u32[rows of the table]. */
  ofRow: Uint32Array;
}

/** Label of a value without a level. */
const unseenLabel = '(new)';

/** The labels of a combination. */
export function contextAt({ features, codes }: Combinations, combination: number): Context {
  return features.map(({ levels }, f) => levels[codes[combination * features.length + f]!] ?? unseenLabel);
}

/** Number of the level of each feature, counted over all features; -1 for a level that the model does not have. */
export function levelsOf(features: readonly Feature[], context: Context): number[] {
  let first = 0;
  return features.map(({ levels }, f) => {
    const at = levels.indexOf(context[f]!);
    const level = at < 0 ? -1 : first + at;
    first += levels.length;
    return level;
  });
}

/** `levelsOf` of all combinations: i32[combinations x features of the model]. */
export function levelsOfAll(features: readonly Feature[], { features: own, codes }: Combinations): Int32Array {
  const numberOf = levelNumbers(features, own);
  const [width, given] = [features.length, own.length];
  const found = new Int32Array(given === 0 ? 0 : (codes.length / given) * width).fill(-1);
  for (let f = 0; f < Math.min(width, given); f++) {
    const numbers = numberOf[f]!;
    for (let from = f, to = f; to < found.length; from += given, to += width) {
      const code = codes[from]!;
      if (code >= 0) found[to] = numbers[code]!;
    }
  }
  return found;
}

/** Number in the model of each level of the combinations, feature by feature. -1 for levels that the model does not have. */
function levelNumbers(features: readonly Feature[], own: readonly Feature[]): Int32Array[] {
  let first = 0;
  return features.map(({ levels }, f) => {
    const from = first;
    first += levels.length;
    return Int32Array.from(own[f]?.levels ?? [], (label) => {
      const at = levels.indexOf(label);
      return at < 0 ? -1 : from + at;
    });
  });
}
