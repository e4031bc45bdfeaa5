import { AppError } from '@basketwise/core';
import { type ModelSpec, scaleOf } from '../models/model-spec.ts';
import { type ModelConfig, withDefaults } from './schema-model.ts';

/**
 * The model that a config names; all parameters of the kind are there (see `withDefaults`).
 * @throws AppError bug for `automatic`, which is a choice among models
 */
export function specOfConfig(model: ModelConfig): ModelSpec {
  const { factors = 0, regularization = 0, alpha = 0, constant = 0, iterations = 0, seed = 0, prior = 0 } = model;
  switch (model.kind) {
    case 'als': {
      const { tolerance = 0, start } = model;
      const spec = { kind: model.kind, factors, regularization, alpha, constant, iterations, seed };
      return { ...spec, ...(tolerance > 0 ? { tolerance } : {}), ...(start === undefined ? {} : { start }) };
    }
    case 'bpr':
      return { kind: model.kind, factors, regularization, learningRate: model.learning_rate!, iterations, seed };
    case 'ease':
      return { kind: model.kind, regularization, constant, context: 0 };
    case 'item-knn':
      return { kind: model.kind, similarity: model.similarity!, neighbours: model.neighbours! };
    case 'popularity':
      return { kind: model.kind, of: model.of!, ...(model.by === undefined ? {} : { by: model.by, prior }) };
    case 'rules':
      return { kind: model.kind, minSupport: model.min_support!, longest: model.longest! };
    case 'lookup':
      return { kind: model.kind, prior, base: specOfConfig(withDefaults(model.base!)) };
    case 'lookup-next':
      return { kind: model.kind, prior, byRecency: model.by_recency!, base: specOfConfig(withDefaults(model.base!)) };
    case 'blend': {
      const members = model.members!.map(({ weight, scale, ...member }) => {
        const spec = specOfConfig(withDefaults(member));
        return { model: spec, scale: scale ?? scaleOf(spec), weight };
      });
      return { kind: model.kind, members };
    }
    case 'automatic':
      throw new AppError('bug', 'an automatic model was asked for before it was chosen', 'Report this.');
  }
}
