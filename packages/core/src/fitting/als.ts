import { type AlsOptions, fitAls, fitAlsAfter } from '../als/als.ts';
import { type AlsModel, alsFromState } from '../als/als-model.ts';
import { alsSimilarities } from '../als/als-similarity.ts';
import { defineFit } from './kind-fit.ts';

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
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    als: AlsSpec;
  }
}

function parametersOf({ kind: _, constant, ...parameters }: AlsSpec, weights: readonly number[]) {
  return { ...parameters, weights, pseudoWeights: [constant, 0] };
}

/** Parameters where nothing else is said. */
export const usualAls = { factors: 32, regularization: 40, alpha: 10, constant: 1, iterations: 15, tolerance: 0, seed: 0 };

/** Options by which nobody is told of more factors than columns where nobody asked for so many. */
function quietDefault({ factors }: AlsSpec, { onWarning, ...options }: AlsOptions): AlsOptions {
  if (factors !== usualAls.factors) return { ...options, ...(onWarning && { onWarning }) };
  return {
    ...options,
    ...(onWarning && { onWarning: (warning: string) => void (warning.startsWith('factors: ') || onWarning(warning)) }),
  };
}

/** How such a model is fitted. */
export const alsFit = defineFit({
  kind: 'als',
  blendScale: 'raw',
  restore: alsFromState,
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
});
