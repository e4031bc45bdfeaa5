import { createInlinePool, fitBpr } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { hasSet, loadSet } from '../../reference/drawn.ts';
import { basketOf, columnOrder, hideOne, tableOfSets } from '../../reference/item-sets.ts';
import peers from '../peers.json' with { type: 'json' };

/**
 * implicit 0.7.3, BayesianPersonalizedRanking(random_state=0, num_threads=1) on fold 0 of groceries, leave-one-out: the best of factors 4, 16, 64;
 * learning rate .01, .05, .1; regularization .001, .01, .1; iterations 30, 100 (4, .01, .1, 30). AUC of the hidden item among those not held.
 */
const groceries = { auc: 0.7143, tested: 1558 };

describe.each([
  ['drawn', peers.bpr],
  ['groceries', groceries],
])('%s', (name, implicit) => {
  test.skipIf(!hasSet(name))('AUC is not .01 below that of implicit', async () => {
    const { items, sets } = await loadSet(name);
    const { train, tested } = hideOne(sets);
    const pool = createInlinePool();
    const order = columnOrder(train, items);
    const table = tableOfSets(pool.memory, order, train);
    const model = await fitBpr(
      { pool, table, range: { from: 0, to: table.rows } },
      { factors: 16, regularization: 0.01, iterations: 30 },
    );
    const areas = tested.map(({ left, hidden }) => {
      const scores = model.foldIn(basketOf(order, left));
      const others = items.map((_, item) => item).filter((item) => !left.includes(item) && item !== hidden);
      return others.filter((item) => scores[order.columnOf[item]!]! < scores[order.columnOf[hidden]!]!).length / others.length;
    });
    const auc = areas.reduce((sum, area) => sum + area, 0) / areas.length;
    expect(tested).toHaveLength(implicit.tested);
    expect(auc).toBeGreaterThan(implicit.auc - 0.01);
    expect(auc).toBeLessThan(1);
  });
});
