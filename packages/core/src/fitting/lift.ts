import { fitLift, type LiftPairs } from '../models/lift.ts';
import { linearModelOf } from '../models/linear-model.ts';
import { defineFit } from './kind-fit.ts';
import { acquisitionsWithin, bandValues } from './learning-data.ts';

/** Lifts of pairs: how much more often products are held together, or taken next, than by chance. */
export interface LiftSpec {
  kind: 'lift';
  pairs: LiftPairs;
  prior: number;
  /** Months before the date whose acquisitions are counted. Default 12. */
  within?: number;
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    lift: LiftSpec;
  }
}

/** How such a model is fitted. */
export const liftFit = defineFit({
  kind: 'lift',
  blendScale: 'raw',
  restore: linearModelOf,
  fit(data, { pairs, prior, within = 12 }) {
    const training = pairs === 'held' ? data.holdings : acquisitionsWithin('lift', data, within);
    return fitLift(training, { pairs, prior, value: bandValues(data, 1), counted: data.counted });
  },
  needsAcquisitions: ({ pairs }) => pairs === 'next',
});
