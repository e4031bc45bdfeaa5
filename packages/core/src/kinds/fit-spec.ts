import type { AlsOptions } from '../als/als.ts';
import type { Model } from '../models/model.ts';
import type { InnerSpec } from './kind.ts';
import { kindOf, type ModelSpec } from './kinds.ts';
import type { LearningData } from './learning-data.ts';

/**
 * Fits any kind of model.
 * @param options options of ALS fits
 * @param inner component models already fitted, by spec object. The function adds the component models that it fits
 * @throws AppError config if a parameter is out of range, or the model needs dates and holdings have none
 */
export async function fitSpec(
  data: LearningData,
  spec: ModelSpec,
  options: AlsOptions = {},
  inner = new Map<InnerSpec, Model>(),
): Promise<Model> {
  const fitInner = async (innerSpec: InnerSpec, innerData = data) => {
    const model = inner.get(innerSpec) ?? (await fitSpec(innerData, innerSpec as ModelSpec, options, inner));
    inner.set(innerSpec, model);
    return model;
  };
  return kindOf(spec.kind).fit(data, spec, { options, fitInner });
}

/** Specs that share one fit, and their positions in the list given to `familiesOf`. */
export interface FitFamily {
  specs: ModelSpec[];
  places: number[];
}

/** Groups specs that share one fit. A spec whose kind has no families is alone in its group. */
export function familiesOf(specs: readonly ModelSpec[]): FitFamily[] {
  const families = new Map<string, FitFamily>();
  for (const [place, spec] of specs.entries()) {
    const key = kindOf(spec.kind).family?.key(spec) ?? String(place);
    const family = families.get(key) ?? { specs: [], places: [] };
    family.specs.push(spec);
    family.places.push(place);
    families.set(key, family);
  }
  return [...families.values()];
}

/** Fits all specs of a family. */
export async function fitFamily(data: LearningData, specs: readonly ModelSpec[]): Promise<Model[]> {
  const { family } = kindOf(specs[0]!.kind);
  if (specs.length < 2 || !family) return [await fitSpec(data, specs[0]!)];
  return family.fit(data, specs);
}
