/** Features of a customer: a level of each feature, in the order of the features. */
export type Context = readonly string[];

/** A customer feature that models may rank by. */
export interface Feature {
  name: string;
  /** Its levels: categories, or bands of a number. */
  levels: readonly string[];
}

/** Distinct combinations of feature levels. */
export interface Combinations {
  features: readonly Feature[];
  /** i16[combinations x features], row-major: position of the level; negative for a value without a level. */
  codes: Int16Array;
}

/** The feature combinations of a table's rows: many rows may share one. */
export interface RowContexts extends Combinations {
  /** u32[rows of the table]: position of each row's combination. */
  ofRow: Uint32Array;
}

/** Label of a value without a level. */
const unseenLabel = '(new)';

/** The labels of a combination. */
export function contextAt({ features, codes }: Combinations, combination: number): Context {
  return features.map(({ levels }, f) => levels[codes[combination * features.length + f]!] ?? unseenLabel);
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

/** The same for all combinations: i32[combinations x features of the model]. */
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

/** By feature and level of the combinations: the model's number of that level, or -1. */
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
