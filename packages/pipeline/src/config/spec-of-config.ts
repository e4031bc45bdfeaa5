import { AppError } from '@basketwise/core/error';
import { fitOfKind, isLearned, type ModelSpec, scaleOf } from '@basketwise/core/kinds';
import type { NamedModel } from '../models/kind.ts';
import { kindOf } from '../models/kinds.ts';
import { type GivenModel, type ModelConfig, withDefaults } from './schema-model.ts';

/** Whether clusters may shift one model of all: it is learned each night, or its parts know better than counts of one cluster. */
export function isPooled(model: ModelConfig): boolean {
  return isLearned(model) || fitOfKind(model.kind).pooled === true;
}

/**
 * The model that a config names; all parameters of the kind are there (see `withDefaults`).
 * @throws AppError bug for a model that is learned each night
 */
export function specOfConfig(model: ModelConfig): ModelSpec {
  if (isLearned(model)) throw new AppError('bug', 'an automatic model was asked for before it was chosen', 'Report this.');
  const specOf = (inner: NamedModel) => specOfConfig(withDefaults(inner as GivenModel));
  return kindOf(model.kind).specOf(model, { specOf, scaleOf });
}
