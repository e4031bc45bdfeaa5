import { test } from 'vitest';

const tier = process.env.BASKETWISE_TESTS;

/** Whether everything is tested, as before a release (`vitest --mode every`). */
export const isEvery = tier === 'every';

/** Whether all is tested, as in CI (`npm run test:all`), or the most informative part in a few minutes (`npm test`). */
const isAll = isEvery || tier === 'all';

/** Cases that a property or a simulation tries: all of them in `npm run test:all`, a tenth in `npm test`. */
export function cases(all: number): number {
  return isAll ? all : Math.ceil(all / 10);
}

/** Rows of a table of tests: all of them in `npm run test:all`, the first ones in `npm test`. */
export function some<T>(all: readonly T[], first: number): readonly T[] {
  return isAll ? all : all.slice(0, first);
}

/** A test of `npm run test:all` alone: others of `npm test` try the same, less thoroughly. */
export function longTest(name: string, run: () => void | Promise<void>): void {
  if (isAll) test(name, run);
}
