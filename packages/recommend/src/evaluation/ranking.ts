import type { TargetRanks } from './metrics.ts';

/**
 * Ranks of the targets among all candidate columns, by falling score. Ties: the column with more holders comes first, then the lower column.
 * @param scores score of each column, f64[columns]
 * @param candidate flag of each column: 1 if it can be recommended (on sale and not held)
 * @param popularity number of holders of each column in the training data
 */
export function rankTargets(
  scores: Float64Array,
  candidate: Uint8Array,
  popularity: Float64Array,
  targets: readonly number[],
): TargetRanks {
  const ranks: number[] = [];
  for (const target of targets) {
    if (candidate[target] !== 1) continue;
    let rank = 1;
    const [score, holders] = [scores[target]!, popularity[target]!];
    for (let column = 0; column < scores.length; column++) {
      if (candidate[column] !== 1 || column === target) continue;
      const other = scores[column]!;
      if (other > score || (other === score && isBefore(popularity[column]!, column, holders, target))) rank++;
    }
    ranks.push(rank);
  }
  return { ranks: ranks.sort((a, b) => a - b), targets: targets.length };
}

function isBefore(holders: number, column: number, otherHolders: number, otherColumn: number): boolean {
  return holders > otherHolders || (holders === otherHolders && column < otherColumn);
}
