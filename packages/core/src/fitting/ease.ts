import { fitEase } from '../models/ease.ts';
import { linearModelOf } from '../models/linear-model.ts';
import { defineFit } from './kind-fit.ts';
import { bandValues } from './learning-data.ts';

/** A linear model in closed form. */
export interface EaseSpec {
  kind: 'ease';
  regularization: number;
  /** Value of the constant. */
  constant: number;
  /** Written beside it in files. */
  context: 0;
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    ease: EaseSpec;
  }
}

/** How such a model is fitted. */
export const easeFit = defineFit({
  kind: 'ease',
  blendScale: 'raw',
  restore: linearModelOf,
  fit: (data, { regularization, constant }) => fitEase(data.holdings, { regularization, value: bandValues(data, constant) }),
  /** The ridge is added to counts of customers: it grows with them. */
  scale: (spec, ratio) => ({ ...spec, regularization: spec.regularization * ratio }),
});
