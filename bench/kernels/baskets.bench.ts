import { type Csr, createNodePool, type KernelPool, unpackEntry } from '@basketwise/core';
import { collapseByMaps, type PlainCustomer } from '../../test/reference/baskets.ts';
import { bankBaskets, bankCsr } from './bank-baskets.ts';
import { customers, measure, reportRatios } from './measure.ts';
import { codes, cutoffs } from './postal-bank.ts';

async function collapse(pool: KernelPool, csr: Csr) {
  const mark = pool.memory.mark();
  const { table } = await bankBaskets(pool, csr);
  pool.memory.release(mark);
  return table;
}

/** The first customers, plainly. */
function plainCustomers({ memory, start, entry, entries }: Csr, count: number): PlainCustomer[] {
  const starts = memory.u32(start, count + 1);
  const all = memory.u32(entry, entries);
  return Array.from({ length: count }, (_, row) => ({
    holdings: [...all.subarray(starts[row]!, starts[row + 1]!)].map((packed) => {
      const { column, band } = unpackEntry(packed);
      return [column, band];
    }),
    group: 0,
    extra: null,
  }));
}

const [one, two] = [await createNodePool(1), await createNodePool(2)];
const [csr, csr2] = [await bankCsr(one, customers), await bankCsr(two, customers)];
const few = plainCustomers(csr, Math.min(customers, 2000));
const campaign = {
  columns: codes,
  projection: codes.map((_, product) => product),
  pseudoColumns: ['constant'],
  constants: [[0, cutoffs.length + 1]] as [number, number][],
};
const [single, double, reference] = await measure(`Distinct baskets of ${customers} customers`, 'customer', [
  { name: '1 worker', units: customers, run: () => collapse(one, csr) },
  { name: '2 workers', units: customers, run: () => collapse(two, csr2) },
  { name: 'TypeScript reference', units: few.length, run: async () => collapseByMaps(few, campaign) },
]);
const { rows } = await collapse(one, csr);
console.log(`  ${rows} distinct, ${(customers / rows).toFixed(2)} customers each`);
reportRatios({
  'collapse, kernels against TypeScript': [single!, reference!],
  'collapse, 2 workers against 1': [double!, single!],
});
await Promise.all([one.close(), two.close()]);
