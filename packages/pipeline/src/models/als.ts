import { type AlsSpec, alsFit, usualAls } from '@basketwise/core/kinds';
import { z } from 'zod';
import { number } from '../values/schemas.ts';
import { defineKind } from './kind.ts';
import { constant, factors, iterations, regularization, seed } from './parameters.ts';

export const als = defineKind({
  ...alsFit,
  about: 'factorization; quick, and explains its lists',
  parameters: {
    factors,
    regularization,
    alpha: number.positive('expected more than 0'),
    constant,
    iterations,
    /** Stop when the objective falls by less than this share in an iteration; 0: never. */
    tolerance: number.min(0, 'expected at least 0'),
    seed,
    start: z.enum(['seeded', 'svd']),
  },
  defaults: usualAls,
  part: 'base',
  specOf({ factors, regularization, alpha, constant, iterations, seed, tolerance, start }): AlsSpec {
    const spec = { kind: 'als' as const, factors, regularization, alpha, constant, iterations, seed };
    return { ...spec, ...(tolerance > 0 ? { tolerance } : {}), ...(start === undefined ? {} : { start }) };
  },
  doubts({ alpha, constant }, weights) {
    const below = (weight: number, what: string) =>
      alpha * weight >= 1
        ? []
        : [
            {
              parameter: 'alpha',
              message: `alpha ${alpha} x ${what} ${weight} is below 1: a held product would count less than one not held`,
            },
          ];
    return [...below(Math.min(...weights), 'recency weight'), ...(constant > 0 ? below(constant, 'constant') : [])];
  },
});
