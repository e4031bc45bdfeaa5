import { type EaseSpec, easeFit } from '@basketwise/core/kinds';
import { defineKind } from './kind.ts';
import { constant, regularization } from './parameters.ts';

export const ease = defineKind({
  ...easeFit,
  about: 'linear model in closed form; quick, and explains',
  parameters: { regularization, constant },
  defaults: { regularization: 100, constant: 1 },
  part: 'base',
  specOf: ({ regularization, constant }): EaseSpec => ({ kind: 'ease', regularization, constant, context: 0 }),
});
