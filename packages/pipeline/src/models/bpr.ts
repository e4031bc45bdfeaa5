import { fitBpr } from '@basketwise/core';
import { number } from '../values/schemas.ts';
import { defineKind } from './kind.ts';
import { constant, factors, iterations, regularization, seed } from './parameters.ts';

/** A factorization by ranking. */
export interface BprSpec {
  kind: 'bpr';
  factors: number;
  regularization: number;
  learningRate?: number;
  iterations?: number;
  seed?: number;
}

declare module './kind.ts' {
  interface SpecOfKind {
    bpr: BprSpec;
  }
}

export const bpr = defineKind({
  kind: 'bpr',
  about: 'factorization by ranking',
  parameters: { factors, regularization, learning_rate: number.positive('expected more than 0'), constant, iterations, seed },
  defaults: { factors: 32, regularization: 0.01, learning_rate: 0.05, constant: 1, iterations: 100, seed: 0 },
  part: 'base',
  blendScale: 'raw',
  specOf: ({ factors, regularization, learning_rate: learningRate, iterations, seed }): BprSpec => ({
    ...{ kind: 'bpr', factors, regularization, learningRate, iterations, seed },
  }),
  fit: ({ holdings }, spec) => fitBpr(holdings, spec),
  shorten(spec, share, least) {
    const { iterations = 100 } = spec;
    return { ...spec, iterations: Math.min(iterations, Math.max(least, Math.ceil(iterations * share))) };
  },
});
