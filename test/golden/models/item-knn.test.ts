import { readFile } from 'node:fs/promises';
import { createInlinePool, fitItemKnn, type Similarity } from '@basketwise/core/parts';
import { describe, expect, test } from 'vitest';
import { dataFile, loadDataSet } from '../../../bench/sets/real-sets.ts';
import { basketOf, columnOrder, tableOfSets } from '../../reference/item-sets.ts';

interface Golden {
  similarity: Similarity;
  neighbours: number;
  customer: number;
  items: string[];
  scores: number[];
}

const golden = JSON.parse(await readFile(new URL('item-knn.json', import.meta.url), 'utf8')) as {
  sets: Record<string, Golden[]>;
};

describe.each(Object.keys(golden.sets))('item neighbourhoods on %s equal implicit 0.7.3', (name) => {
  test.skipIf(dataFile(name) === undefined)('scores of its lists within 1e-5', async () => {
    const { items, sets } = (await loadDataSet(name))!;
    const pool = createInlinePool();
    const order = columnOrder(sets, items);
    const table = tableOfSets(pool.memory, order, sets);
    const cases = new Map<string, Golden[]>();
    for (const entry of golden.sets[name]!) {
      const key = `${entry.similarity} ${entry.neighbours}`;
      cases.set(key, [...(cases.get(key) ?? []), entry]);
    }
    for (const [first, ...others] of cases.values()) {
      const model = await fitItemKnn({ pool, table, range: { from: 0, to: table.rows } }, first!);
      for (const { customer, items: expected, scores } of [first!, ...others]) {
        const own = model.foldIn(basketOf(order, sets[customer]!));
        for (const [i, item] of expected.entries()) {
          expect(Math.abs(own[order.names.indexOf(item)]! - scores[i]!), `${first!.similarity} ${item}`).toBeLessThan(1e-5);
        }
      }
    }
  });
});
