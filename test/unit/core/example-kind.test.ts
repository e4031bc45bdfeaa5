import { expect, test } from 'vitest';
import { nextSize } from '../../../examples/next-size.ts';
import { createInlinePool, loadModel, saveModel, tableFromRows } from '../../../packages/core/src/parts.ts';

test('the kind of docs/extending.md lists what customers with one product more hold, also from its file', async () => {
  const pool = createInlinePool();
  const held: [number[], number][] = [
    [[0], 5],
    [[1], 4],
    [[0, 1], 3],
    [[0, 2], 1],
    [[0, 1, 2], 2],
  ];
  const rows = held.map(([products, multiplicity]) => ({
    entries: [...products.map((column) => ({ column, band: 0 })), { column: 3, band: 1 }],
    multiplicity,
  }));
  const table = tableFromRows(pool.memory, ['a', 'b', 'c', 'constant'], rows, 1);
  const holdings = { pool, table, range: { from: 0, to: table.rows } };
  const fitInner = async () => model;
  const model = await nextSize.fit({ holdings, bandWeights: [1] }, { kind: 'next-size', largest: 2 }, { options: {}, fitInner });
  const { state } = await loadModel(await saveModel(model.state(), { dataHash: 'd' }), { dataHash: 'd' });
  for (const fitted of [model, await nextSize.restore(state, fitInner)]) {
    // of 4 customers with two products, all hold a, 3 hold b, 1 holds c; both with three hold all
    expect([...fitted.foldIn(rows[0]!.entries)]).toEqual([1, 0.75, 0.25, 1]);
    expect([...fitted.foldIn(rows[2]!.entries)]).toEqual([1, 1, 1, 1]);
    const top = await fitted.topN({ ...holdings, n: 2, allowed: Uint8Array.of(1, 1, 1, 0) });
    expect([...pool.memory.u32(top.column, 4)]).toEqual([1, 2, 0, 2]);
  }
});
