import { defineKind } from './kind.ts';

export const itemKnn = defineKind({
  kind: 'item-knn',
  about: 'Products similar to the held ones, by the customers who hold both.',
  parameters: {
    similarity: { is: 'one of', of: ['cosine', 'tfidf', 'bm25'], usual: 'bm25', about: 'Measure of similarity of two products.' },
    neighbours: { is: 'whole', from: 1, to: 1_000_000, usual: 20, about: 'Most similar products that count for each product.' },
  },
  part: 'base',
  blendScale: 'raw',
  fit: async ({ holdings }, spec) => (await import('../models/item-knn.ts')).fitItemKnn(holdings, spec),
  restore: async (state) => (await import('../models/linear-model.ts')).linearModelOf(state),
});
