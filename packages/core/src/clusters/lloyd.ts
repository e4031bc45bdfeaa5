import type { Centres } from './cluster-space.ts';
import { type LloydOptions, type LloydResult, LloydRun } from './lloyd-run.ts';
import type { LloydSpace } from './lloyd-space.ts';
import { type Points, rowBlocks } from './points.ts';

/**
 * Lloyd's algorithm from given centres. It alternates two steps until no row moves:
 * - assign every row to its nearest centre (ties: lowest number)
 * - make each centre the mean of its rows; for native columns the mode (ties: first category)
 *
 * An empty cluster gets the row that is farthest from its centre, as in scikit-learn. The final label of a row is the number of the
 * nearest returned centre.
 */
export async function runLloyd(points: Points, start: Centres, options: LloydOptions, space: LloydSpace): Promise<LloydResult> {
  const [result] = await runLloyds(points, [{ start, space }], options);
  return result!;
}

/**
 * Lloyd's algorithm from several starts, each with its own space. All runs advance by one iteration at a time, in shared kernel
 * calls, so that small runs use all workers.
 */
export async function runLloyds(
  points: Points,
  starts: readonly { start: Centres; space: LloydSpace }[],
  options: LloydOptions,
): Promise<LloydResult[]> {
  const runs = starts.map(({ start, space }) => new LloydRun(points, start, options, space));
  for (let open = runs; open.length > 0; open = open.filter((run) => !run.done)) {
    const moved = await runAssignments(points, open);
    for (const [i, run] of open.entries()) await run.proceed(moved[i]!);
  }
  return lloydResults(points, runs);
}

/** Assigns all rows in every run and updates the sums. Returns for each run the number of rows that changed their cluster. */
async function runAssignments(points: Points, runs: readonly LloydRun[]): Promise<number[]> {
  const { pool } = points;
  const scratch = runs.reduce((most, run) => Math.max(most, run.scratchBytes), 0);
  const blocks = rowBlocks(points.rows);
  const calls = runs.flatMap((run) => run.assignCalls(blocks));
  const counts = await pool.run('assignRows', calls, scratch);
  const moved = runs.map((_, r) => counts.subarray(r * blocks.length, (r + 1) * blocks.length).reduce((sum, n) => sum + n, 0));
  const sums = runs.flatMap((run, r) => (moved[r]! > 0 ? [run.sumsCall(blocks.length)] : []));
  if (sums.length > 0) await pool.run('addSums', sums);
  return moved;
}

async function lloydResults(points: Points, runs: readonly LloydRun[]): Promise<LloydResult[]> {
  const blocks = rowBlocks(points.rows);
  const calls = runs.flatMap((run) => run.costCalls(blocks));
  const costs = await points.pool.run('costOfRows', calls);
  return runs.map((run, r) => {
    const cost = costs.subarray(r * blocks.length, (r + 1) * blocks.length).reduce((sum, part) => sum + part, 0);
    return { ...run.end(), cost };
  });
}
