import type { BasketRow } from '@basketwise/core';

/** One recommended column and its score. */
export interface Ranked {
  column: number;
  score: number;
}

/** The n best columns that are allowed and not held: higher score first, then lower code. Scores that are no number are left out. */
export function topNByFullSort(
  scores: ArrayLike<number>,
  codes: readonly string[],
  allowed: ArrayLike<number>,
  held: readonly number[],
  n: number,
): Ranked[] {
  return codes
    .map((code, column) => ({ code, column, score: scores[column]! }))
    .filter(({ column, score }) => allowed[column] && !held.includes(column) && score > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.score - a.score || Buffer.compare(Buffer.from(a.code), Buffer.from(b.code)))
    .slice(0, n)
    .map(({ column, score }) => ({ column, score }));
}

/** Scores of all columns for one row under a linear model, in float64. */
export function linearScores(matrix: ArrayLike<number>, columns: number, row: BasketRow, weights: readonly number[]): number[] {
  return Array.from({ length: columns }, (_, column) =>
    row.entries.reduce((sum, entry, i) => sum + weights[i]! * matrix[entry.column * columns + column]!, 0),
  );
}
