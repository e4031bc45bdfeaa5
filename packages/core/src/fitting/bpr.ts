import { bprOf, fitBpr } from '../models/bpr.ts';
import { defineFit } from './kind-fit.ts';

/** A factorization by ranking. */
export interface BprSpec {
  kind: 'bpr';
  factors: number;
  regularization: number;
  learningRate?: number;
  iterations?: number;
  seed?: number;
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    bpr: BprSpec;
  }
}

/** How such a model is fitted. */
export const bprFit = defineFit({
  kind: 'bpr',
  blendScale: 'raw',
  restore: bprOf,
  fit: ({ holdings }, spec) => fitBpr(holdings, spec),
  shorten(spec, share, least) {
    const { iterations = 100 } = spec;
    return { ...spec, iterations: Math.min(iterations, Math.max(least, Math.ceil(iterations * share))) };
  },
});
