import { fitItemKnn, type Similarity } from '../models/item-knn.ts';
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
  fit: ({ holdings }, spec) => fitItemKnn(holdings, spec),
});
