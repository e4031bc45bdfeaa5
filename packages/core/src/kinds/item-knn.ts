import { fitItemKnn } from '../models/item-knn.ts';
import { linearModelOf } from '../models/linear-model.ts';
import { defineKind } from './kind.ts';

export const itemKnn = defineKind({
  kind: 'item-knn',
  about: 'products like those held',
  parameters: {
    similarity: { is: 'one of', of: ['cosine', 'tfidf', 'bm25'], usual: 'bm25' },
    neighbours: { is: 'whole', from: 1, to: 1_000_000, usual: 20 },
  },
  part: 'base',
  blendScale: 'raw',
  fit: ({ holdings }, spec) => fitItemKnn(holdings, spec),
  restore: linearModelOf,
});
