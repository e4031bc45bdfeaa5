import { AppError } from '@basketwise/core';
import { automatic } from '../models/automatic.ts';
import type { ModelSpec, NamedModel } from '../models/kind.ts';
import { kindOf, scaleOf } from '../models/kinds.ts';
import { type GivenModel, type ModelConfig, withDefaults } from './schema-model.ts';

/**
 * The model that a config names; all parameters of the kind are there (see `withDefaults`).
 * @throws AppError bug for `automatic`, which is a choice among models
 */
export function specOfConfig(model: ModelConfig): ModelSpec {
  if (model.kind === automatic.kind)
    throw new AppError('bug', 'an automatic model was asked for before it was chosen', 'Report this.');
  const specOf = (inner: NamedModel) => specOfConfig(withDefaults(inner as GivenModel));
  return kindOf(model.kind).specOf(model, { specOf, scaleOf });
}
