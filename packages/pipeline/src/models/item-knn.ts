import { fitItemKnn, type Similarity } from '@basketwise/core';
import { z } from 'zod';
import { whole } from '../values/schemas.ts';
import { defineKind } from './kind.ts';

/** Products like those held. */
export interface ItemKnnSpec {
  kind: 'item-knn';
  similarity: Similarity;
  neighbours: number;
}

declare module './kind.ts' {
  interface SpecOfKind {
    'item-knn': ItemKnnSpec;
  }
}

export const itemKnn = defineKind({
  kind: 'item-knn',
  about: 'products like those held',
  parameters: { similarity: z.enum(['cosine', 'tfidf', 'bm25']), neighbours: whole(1, 1_000_000) },
  defaults: { similarity: 'bm25', neighbours: 20 },
  part: 'base',
  blendScale: 'raw',
  specOf: ({ similarity, neighbours }): ItemKnnSpec => ({ kind: 'item-knn', similarity, neighbours }),
  fit: ({ holdings }, spec) => fitItemKnn(holdings, spec),
});
