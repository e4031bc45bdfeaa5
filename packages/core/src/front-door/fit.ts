import type { AlsOptions } from '../als/als.ts';
import { AppError } from '../error.ts';
import { fitSpec } from '../kinds/fit-spec.ts';
import { kinds, type ModelSpec } from '../kinds/kinds.ts';
import { type NamedChoice, specOf } from '../kinds/spec-of.ts';
import type { Model } from '../models/model.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { type Baskets, storeBaskets } from './baskets.ts';

/** Callbacks and abort signal of a fit. Only ALS reports its iterations. */
export type FitProgress = Pick<AlsOptions, 'onIteration' | 'onWarning' | 'signal'>;

/** Model to fit. Omitted parameters have their usual values (docs/reference/config.md). */
export type ModelChoice = NamedChoice & {
  /** Weight of each recency band of the baskets, for models that weight holdings. Default: 1 for all bands. */
  weights?: readonly number[];
};

/**
 * Fits the chosen model to baskets, which it copies into kernel memory.
 * @throws AppError usage for an unknown kind, or a kind that needs more data than baskets; config if a parameter is out of range
 */
export async function fitChoice(
  pool: KernelPool,
  baskets: Baskets,
  { weights, ...choice }: ModelChoice,
  options: FitProgress,
): Promise<Model> {
  const spec = specOfChoice(choice);
  if (choice.kind === 'next-purchase' && choice.members === undefined)
    throw new AppError(
      'usage',
      'next-purchase needs dates to learn its weights',
      'Call recommendTo of @basketwise/recommend, or name its members with their weights.',
    );
  const table = storeBaskets(pool.memory, baskets);
  const holdings = { pool, table, range: { from: 0, to: table.rows } };
  const bandWeights = weights ?? new Array<number>(baskets.bands).fill(1);
  return fitSpec({ holdings, bandWeights }, spec, options);
}

/** Spec of a named model. @throws AppError usage for an unknown kind */
export function specOfChoice(choice: NamedChoice): ModelSpec {
  if (kinds.some(({ kind }) => kind === choice.kind)) return specOf(choice);
  const names = kinds.map(({ kind }) => kind).join(', ');
  throw new AppError('usage', `there is no kind of model '${choice.kind}'`, `There are: ${names}.`);
}
