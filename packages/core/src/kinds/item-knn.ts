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
  fit: async ({ holdings }, spec) => (await import('../models/item-knn.ts')).fitItemKnn(holdings, spec),
  restore: async (state) => (await import('../models/linear-model.ts')).linearModelOf(state),
});
