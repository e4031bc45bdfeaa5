import { AppError, createRandom } from '@basketwise/core';
import type { Config } from '../config/schema.ts';
import type { ModelConfig } from '../config/schema-model.ts';

/** Parameters of ALS that can be tuned, in the order in which the grid turns: the last one fastest. */
const tunable = ['factors', 'regularization', 'alpha', 'constant', 'iterations'] as const;

/** Values of the tuned parameters of one trial. */
export type TrialParameters = Partial<Pick<ModelConfig, (typeof tunable)[number]>>;

/**
 * The trials of a search: all combinations of the values that the config names, or as many of them as a random search is to draw (seeded,
 * each at most once, in the order of the grid); parameters that it does not name stay as the model has them.
 * @throws AppError config where nothing is named
 */
export function tuningGrid({ search, parameters, trials, seed }: Config['tune']): TrialParameters[] {
  let grid: TrialParameters[] = [{}];
  for (const name of tunable) {
    const values = parameters[name];
    if (values !== undefined) grid = grid.flatMap((trial) => [...new Set(values)].map((value) => ({ ...trial, [name]: value })));
  }
  if (Object.keys(grid[0]!).length === 0) {
    throw new AppError('config', 'tune.parameters names no parameter', `Name values of at least one of ${tunable.join(', ')}.`);
  }
  return search === 'grid' ? grid : draw(grid, trials, seed);
}

/** Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S). */
function draw<T>(from: readonly T[], count: number, seed: number): T[] {
  const random = createRandom(seed);
  let wanted = Math.min(count, from.length);
  return from.filter((_, i) => {
    const taken = random.next() * (from.length - i) < wanted;
    if (taken) wanted--;
    return taken;
  });
}
