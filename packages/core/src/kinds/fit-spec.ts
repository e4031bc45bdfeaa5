import type { AlsOptions } from '../als/als.ts';
import type { Model } from '../models/model.ts';
import type { InnerSpec } from './kind.ts';
import { kindOf, type ModelSpec } from './kinds.ts';
import type { LearningData } from './learning-data.ts';

/**
 * Fits any kind of model; `options` are those of ALS. Models in `inner` (keyed by the object of their spec) are not fitted again; newly
 * fitted inner models are added to it.
 * @throws AppError config if a parameter is out of range, or the model needs dates and holdings have none.
 */
export async function fitSpec(
  data: LearningData,
  spec: ModelSpec,
  options: AlsOptions = {},
  inner = new Map<InnerSpec, Model>(),
): Promise<Model> {
  const fitInner = async (of: InnerSpec, own = data) => {
    const model = inner.get(of) ?? (await fitSpec(own, of as ModelSpec, options, inner));
    inner.set(of, model);
    return model;
  };
  return kindOf(spec.kind).fit(data, spec, { options, fitInner });
}
