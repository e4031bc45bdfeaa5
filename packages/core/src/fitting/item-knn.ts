import { fitItemKnn, type Similarity } from '../models/item-knn.ts';
import { linearModelOf } from '../models/linear-model.ts';
import { defineFit } from './kind-fit.ts';

/** Products like those held. */
export interface ItemKnnSpec {
  kind: 'item-knn';
  similarity: Similarity;
  neighbours: number;
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    'item-knn': ItemKnnSpec;
  }
}

/** How such a model is fitted. */
export const itemKnnFit = defineFit({
  kind: 'item-knn',
  blendScale: 'raw',
  restore: linearModelOf,
  fit: ({ holdings }, spec) => fitItemKnn(holdings, spec),
});
