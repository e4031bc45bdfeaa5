import { defineKind } from './kind.ts';
import { constant, factors, iterations, regularization, seed } from './parameters.ts';

export const bpr = defineKind({
  kind: 'bpr',
  about: 'Matrix factorization by Bayesian personalised ranking (docs/method.md#bayesian-personalised-ranking).',
  parameters: {
    factors: { ...factors, usual: 32 },
    regularization: { ...regularization, usual: 0.01 },
    learningRate: { is: 'number', above: 0, usual: 0.05, about: 'Length of the gradient steps.' },
    constant: { ...constant, planned: true },
    iterations: { ...iterations, usual: 100 },
    seed,
  },
  part: 'base',
  blendScale: 'raw',
  fit: async ({ holdings }, spec) => (await import('../models/bpr.ts')).fitBpr(holdings, spec),
  restore: async (state) => (await import('../models/bpr.ts')).bprOf(state),
  shorten: (spec, share, least) => ({
    ...spec,
    iterations: Math.min(spec.iterations, Math.max(least, Math.ceil(spec.iterations * share))),
  }),
});
