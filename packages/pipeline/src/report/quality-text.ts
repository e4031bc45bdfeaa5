// Texts that evaluations, tunings and the report of a run share.

import { countWords, type PublishedCount } from '@basketwise/data/published';
import type { GivenModel } from '../config/schema-model.ts';

/** Sentence on the customers and purchases that all figures exclude. */
export function apartText({ withoutHistory, unknown }: Record<'withoutHistory' | 'unknown', PublishedCount>): string {
  return `Excluded: ${countWords(withoutHistory)} customers without any holding, and ${countWords(unknown)} purchases of products without earlier holders.\n`;
}

/** Parameters of a trial by name. Parameters of inner models have a path, such as `base.regularization`. */
export function flatParameters(given: GivenModel): Map<string, string | number> {
  const flat = new Map<string, string | number>();
  const add = (value: unknown, path: string) => {
    if (value === undefined) return;
    if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) add(part, path === '' ? name : `${path}.${name}`);
    } else flat.set(path, typeof value === 'number' ? value : String(value));
  };
  add(given, '');
  return flat;
}
