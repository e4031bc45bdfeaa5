import { type BprSpec, bprFit } from '@basketwise/core/kinds';
import { number } from '../values/schemas.ts';
import { defineKind } from './kind.ts';
import { constant, factors, iterations, regularization, seed } from './parameters.ts';

export const bpr = defineKind({
  ...bprFit,
  about: 'factorization by ranking',
  parameters: { factors, regularization, learning_rate: number.positive('expected more than 0'), constant, iterations, seed },
  defaults: { factors: 32, regularization: 0.01, learning_rate: 0.05, constant: 1, iterations: 100, seed: 0 },
  part: 'base',
  specOf: ({ factors, regularization, learning_rate: learningRate, iterations, seed }): BprSpec => ({
    ...{ kind: 'bpr', factors, regularization, learningRate, iterations, seed },
  }),
});
