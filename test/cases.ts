import { test } from 'vitest';

const tier = process.env.BASKETWISE_TESTS;

/** Whether all is tested, as in CI (`npm run test:all`), or the most informative part in a few minutes (`npm test`). */
const isAll = tier === 'all' || tier === 'every';

/**
 * Cases that a property or a simulation tries: `most` before a release (`vitest --mode every`), `all` in `npm run test:all`, a tenth of `most` in
 * `npm test`.
 */
export function cases(most: number, all = Math.ceil(most / 3)): number {
  return every(most, isAll ? all : Math.ceil(most / 10));
}

/** Rows of a table of tests: all of them in `npm run test:all`, the first ones in `npm test`. */
export function some<T>(all: readonly T[], first: number): readonly T[] {
  return isAll ? all : all.slice(0, first);
}

/** Rows of a table of tests, or cases of a property: all of them before a release (`vitest --mode every`), some of them otherwise. */
export function every<T>(all: T, others: T): T {
  return tier === 'every' ? all : others;
}

/** A test of `npm run test:all` alone: others of `npm test` try the same, less thoroughly. */
export function longTest(name: string, run: () => void | Promise<void>): void {
  if (isAll) test(name, run);
}
