import type { Model } from '../models/model.ts';
import { fitSpec } from './fit-spec.ts';
import { kindOf, type ModelSpec } from './kinds.ts';
import type { LearningData } from './learning-data.ts';

/** Specs that share one fit, and their positions among all specs. */
export interface FitFamily {
  specs: ModelSpec[];
  places: number[];
}

/** Groups specs that share one fit; a spec of a kind without families is a group by itself. */
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

/** Fits the specs of a family. */
export async function fitFamily(data: LearningData, specs: readonly ModelSpec[]): Promise<Model[]> {
  const { family } = kindOf(specs[0]!.kind);
  if (specs.length < 2 || !family) return [await fitSpec(data, specs[0]!)];
  return family.fit(data, specs);
}
