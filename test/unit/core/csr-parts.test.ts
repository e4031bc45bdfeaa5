import {
  BasketBuilder,
  type Csr,
  CsrBuilder,
  createInlinePool,
  createRandom,
  type KernelPool,
  partsOfCsr,
} from '@basketwise/core';
import { expect, test } from 'vitest';

const columns = Array.from({ length: 12 }, (_, i) => `P${i}`);

async function collapse(pool: KernelPool, parts: readonly Csr[]) {
  const builder = new BasketBuilder({ pool, columns, projection: Int32Array.from(columns, (_, i) => i) });
  for (const part of parts) await builder.add(part);
  const { table, basketOf } = await builder.finish();
  const { memory, rows, entries } = table;
  return {
    rows,
    columns: table.columns,
    start: [...memory.u32(table.start, rows + 1)],
    entry: [...memory.u32(table.entry, entries)],
    multiplicity: [...memory.u32(table.multiplicity, rows)],
    basketOf: basketOf.flatMap((part) => [...part]),
  };
}

test('customers collapsed in parts give the table of all at once', async () => {
  const pool = await createInlinePool();
  const customers = 1000;
  const { next } = createRandom(1);
  const builder = new CsrBuilder({ pool, customers, products: columns.length, referenceDay: 100, cutoffs: [50] });
  const draw = (below: number) => Int32Array.from({ length: 2500 }, () => Math.floor(below * next()));
  builder.add({ customer: draw(customers), product: draw(columns.length), days: draw(100) });
  const csr = await builder.finish();
  const parts = partsOfCsr(csr, 300);
  expect(parts.map((part) => part.customers)).toEqual([300, 300, 300, 100]);
  expect(parts.reduce((sum, { entries }) => sum + entries, 0)).toBe(csr.entries);
  expect(await collapse(pool, parts)).toEqual(await collapse(pool, [csr]));
});
