import { AppError } from '@basketwise/core/error';
import { type ModelSpec, specOf } from '@basketwise/core/kinds';
import { isLearned } from '@basketwise/recommend/plan';
import { libraryNames } from './named-kinds.ts';
import type { ModelConfig } from './schema-model.ts';

/**
 * Specification of the model that a config names.
 * @throws AppError bug for a model whose specification is learned in each run
 */
export function specOfConfig(model: ModelConfig): ModelSpec {
  if (isLearned(model)) throw new AppError('bug', 'an automatic model was asked for before it was chosen', 'Report this.');
  return specOf(libraryNames(model));
}
