import type { AlsOptions } from '../als/als.ts';
import type { Model } from '../models/model.ts';
import { fitOfKind } from './fits.ts';
import type { ModelSpec } from './kind-fit.ts';
import type { LearningData } from './learning-data.ts';

/**
 * Fits any kind of model; `options` are those of ALS. Models inside it that are in `inner` (by the very object of their spec) are not fitted again, and
 * those that are not come into it.
 * @throws AppError config where a parameter is out of range, or the model needs dates that there are not.
 */
export async function fitSpec(
  data: LearningData,
  spec: ModelSpec,
  options: AlsOptions = {},
  inner = new Map<ModelSpec, Model>(),
): Promise<Model> {
  const fitInner = async (of: ModelSpec, own = data) => {
    const model = inner.get(of) ?? (await fitSpec(own, of, options, inner));
    inner.set(of, model);
    return model;
  };
  return fitOfKind(spec.kind).fit(data, spec, { options, fitInner });
}
