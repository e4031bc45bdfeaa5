import { type ItemKnnSpec, itemKnnFit } from '@basketwise/core/kinds';
import { z } from 'zod';
import { whole } from '../values/schemas.ts';
import { defineKind } from './kind.ts';

export const itemKnn = defineKind({
  ...itemKnnFit,
  about: 'products like those held',
  parameters: { similarity: z.enum(['cosine', 'tfidf', 'bm25']), neighbours: whole(1, 1_000_000) },
  defaults: { similarity: 'bm25', neighbours: 20 },
  part: 'base',
  specOf: ({ similarity, neighbours }): ItemKnnSpec => ({ kind: 'item-knn', similarity, neighbours }),
});
