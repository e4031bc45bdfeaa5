import { defineKind } from './kind.ts';
import { bandValues } from './learning-data.ts';
import { constant, regularization } from './parameters.ts';

export const ease = defineKind({
  kind: 'ease',
  about: 'Linear autoencoder in closed form, EASE. Fast; gives reasons.',
  parameters: { regularization: { ...regularization, usual: 100 }, constant },
  fixed: { context: 0 },
  part: 'base',
  blendScale: 'raw',
  fit: async (data, { regularization, constant }) =>
    (await import('../models/ease.ts')).fitEase(data.holdings, { regularization, value: bandValues(data, constant) }),
  restore: async (state) => (await import('../models/linear-model.ts')).linearModelOf(state),
  /** Multiplies the ridge by the ratio of customers, because the ridge is added to counts of customers. */
  scale: (spec, ratio) => ({ ...spec, regularization: spec.regularization * ratio }),
});
