import { type AlsModel, type AlsOptions, alsSimilarities, fitAls, fitAlsAfter } from '@basketwise/core';
import { z } from 'zod';
import { number } from '../values/schemas.ts';
import { defineKind } from './kind.ts';
import { constant, factors, iterations, regularization, seed } from './parameters.ts';

/** An ALS model. */
export interface AlsSpec {
  kind: 'als';
  factors: number;
  regularization: number;
  alpha: number;
  constant: number;
  iterations: number;
  tolerance?: number;
  seed?: number;
  start?: 'seeded' | 'svd';
  frequencyScaling?: number;
}

declare module './kind.ts' {
  interface SpecOfKind {
    als: AlsSpec;
  }
}

function parametersOf({ kind: _, constant, ...parameters }: AlsSpec, weights: readonly number[]) {
  return { ...parameters, weights, pseudoWeights: [constant, 0] };
}

const defaults = { factors: 32, regularization: 40, alpha: 10, constant: 1, iterations: 15, tolerance: 0, seed: 0 };

/** Options by which nobody is told of more factors than columns where nobody asked for so many. */
function quietDefault({ factors }: AlsSpec, { onWarning, ...options }: AlsOptions): AlsOptions {
  if (factors !== defaults.factors) return { ...options, ...(onWarning && { onWarning }) };
  return {
    ...options,
    ...(onWarning && { onWarning: (warning: string) => void (warning.startsWith('factors: ') || onWarning(warning)) }),
  };
}

export const als = defineKind({
  kind: 'als',
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
  defaults,
  part: 'base',
  blendScale: 'raw',
  specOf({ factors, regularization, alpha, constant, iterations, seed, tolerance, start }): AlsSpec {
    const spec = { kind: 'als' as const, factors, regularization, alpha, constant, iterations, seed };
    return { ...spec, ...(tolerance > 0 ? { tolerance } : {}), ...(start === undefined ? {} : { start }) };
  },
  fit: ({ holdings, bandWeights }, spec, { options }) =>
    fitAls(holdings, parametersOf(spec, bandWeights), quietDefault(spec, options)),
  family: {
    /** Specs that differ by their iterations alone: the one with most passes by the others. */
    key: (spec) => JSON.stringify({ ...spec, iterations: 0 }),
    fit: ({ holdings, bandWeights }, specs) =>
      fitAlsAfter(
        holdings,
        parametersOf(specs[0]!, bandWeights),
        specs.map(({ iterations }) => iterations),
      ),
  },
  /** The ridge is added to counts of customers on one side and falls on both: it grows with the root of their number. */
  scale: (spec, ratio) => ({ ...spec, regularization: spec.regularization * Math.sqrt(ratio) }),
  shorten: (spec, share, least) => ({
    ...spec,
    iterations: Math.min(spec.iterations, Math.max(least, Math.ceil(spec.iterations * share))),
  }),
  summary(model) {
    const { factors, history } = model as AlsModel;
    return { factors, objective: history.at(-1)?.objective ?? null, iterations: history.at(-1)?.iteration ?? 0 };
  },
  similarities: alsSimilarities,
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
