import type { AlsOptions } from '../als/als.ts';
import type { AlsModel } from '../als/als-model.ts';
import { constant, defineKind, factors, iterations, regularization, seed } from './kind.ts';

const usualFactors = 32;

function parametersOf<Spec extends { kind: 'als'; constant: number }>(
  { kind: _, constant, ...parameters }: Spec,
  weights: readonly number[],
) {
  return { ...parameters, weights, pseudoWeights: [constant, 0] };
}

/** Options without the warning about more factors than columns, if the number of factors is the usual one. */
function quietDefault({ factors }: { factors: number }, { onWarning, ...options }: AlsOptions): AlsOptions {
  if (factors !== usualFactors) return { ...options, ...(onWarning && { onWarning }) };
  return {
    ...options,
    ...(onWarning && { onWarning: (warning: string) => void (warning.startsWith('factors: ') || onWarning(warning)) }),
  };
}

export const als = defineKind({
  kind: 'als',
  about: 'Matrix factorization by implicit alternating least squares (docs/method.md). Fast; gives reasons.',
  parameters: {
    factors: { ...factors, usual: usualFactors },
    regularization: { ...regularization, usual: 40 },
    alpha: { is: 'number', above: 0, usual: 10, about: 'Confidence of a held product, times the weight of its recency band.' },
    constant,
    iterations: { ...iterations, usual: 15 },
    seed,
    tolerance: {
      is: 'number',
      from: 0,
      usual: 0,
      quiet: true,
      about: 'Stops when an iteration lowers the objective by less than this share; 0: never.',
    },
    start: {
      is: 'one of',
      of: ['seeded', 'svd'],
      about: 'Start of the vectors: drawn by the seed, or the eigenvectors of the baskets. `seeded` without it.',
    },
  },
  part: 'base',
  blendScale: 'raw',
  async fit({ holdings, bandWeights }, spec, { options }) {
    const { fitAls } = await import('../als/als.ts');
    return fitAls(holdings, parametersOf(spec, bandWeights), quietDefault(spec, options));
  },
  restore: async (state) => (await import('../als/als-model.ts')).alsFromState(state),
  family: {
    /** Specs that differ only in `iterations` have equal keys. The fit with the most iterations also yields the models with fewer. */
    key: (spec) => JSON.stringify({ ...spec, iterations: 0 }),
    async fit({ holdings, bandWeights }, specs) {
      const { fitAlsAfter } = await import('../als/als.ts');
      const iterations = specs.map((spec) => spec.iterations);
      return fitAlsAfter(holdings, parametersOf(specs[0]!, bandWeights), iterations);
    },
  },
  /**
   * Multiplies the regularization by the square root of the ratio. It penalizes the customer factors and the item factors, but only
   * the linear systems of the item factors are sums over customers.
   */
  scale: (spec, ratio) => ({ ...spec, regularization: spec.regularization * Math.sqrt(ratio) }),
  shorten: (spec, share, least) => ({
    ...spec,
    iterations: Math.min(spec.iterations, Math.max(least, Math.ceil(spec.iterations * share))),
  }),
  summary(model) {
    const { factors, history } = model as AlsModel;
    return { factors, objective: history.at(-1)?.objective ?? null, iterations: history.at(-1)?.iteration ?? 0 };
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
