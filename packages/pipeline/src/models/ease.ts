import { fitEase } from '@basketwise/core';
import { defineKind } from './kind.ts';
import { bandValues } from './learning-data.ts';
import { constant, regularization } from './parameters.ts';

/** A linear model in closed form. */
export interface EaseSpec {
  kind: 'ease';
  regularization: number;
  /** Value of the constant, and of contexts. */
  constant: number;
  context: number;
}

declare module './kind.ts' {
  interface SpecOfKind {
    ease: EaseSpec;
  }
}

export const ease = defineKind({
  kind: 'ease',
  about: 'linear model in closed form; quick, and explains',
  parameters: { regularization, constant },
  defaults: { regularization: 100, constant: 1 },
  part: 'base',
  blendScale: 'raw',
  specOf: ({ regularization, constant }): EaseSpec => ({ kind: 'ease', regularization, constant, context: 0 }),
  fit: (data, { regularization, constant, context }) =>
    fitEase(data.holdings, { regularization, value: bandValues(data, constant, context) }),
  /** The ridge is added to counts of customers: it grows with them. */
  scale: (spec, ratio) => ({ ...spec, regularization: spec.regularization * ratio }),
});
