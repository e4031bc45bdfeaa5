import { createInlinePool, fitItemKnn, type Similarity } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { hasSet, loadSet } from '../../reference/drawn.ts';
import { basketOf, columnOrder, tableOfSets } from '../../reference/item-sets.ts';
import peers from '../peers.json' with { type: 'json' };
import real from './item-knn.json' with { type: 'json' };

interface Golden {
  similarity: string;
  neighbours: number;
  customer: number;
  items: string[];
  scores: number[];
}

const golden: [set: string, lists: Golden[]][] = [['drawn', peers.itemKnn], ...Object.entries(real.sets)];

describe.each(golden)('item neighbourhoods on %s equal implicit 0.7.3', (name, lists) => {
  test.skipIf(!hasSet(name))('scores of its lists within 1e-5', async () => {
    const { items, sets } = await loadSet(name);
    const pool = createInlinePool();
    const order = columnOrder(sets, items);
    const table = tableOfSets(pool.memory, order, sets);
    const cases = new Map<string, Golden[]>();
    for (const entry of lists) {
      const key = `${entry.similarity} ${entry.neighbours}`;
      cases.set(key, [...(cases.get(key) ?? []), entry]);
    }
    for (const [first, ...others] of cases.values()) {
      const model = await fitItemKnn(
        { pool, table, range: { from: 0, to: table.rows } },
        { ...first!, similarity: first!.similarity as Similarity },
      );
      for (const { customer, items: expected, scores } of [first!, ...others]) {
        const own = model.foldIn(basketOf(order, sets[customer]!));
        for (const [i, item] of expected.entries()) {
          expect(Math.abs(own[order.names.indexOf(item)]! - scores[i]!), `${first!.similarity} ${item}`).toBeLessThan(1e-5);
        }
      }
    }
  });
});
