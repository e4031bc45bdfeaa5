import { type Csr, CsrBuilder, createNodePool, type KernelPool } from '@basketwise/core';
import { csrByMaps } from '../../test/reference/csr.ts';
import { customers, measure, reportRatios } from './measure.ts';
import { cutoffs, postalBank, products, referenceDay } from './postal-bank.ts';

/** Holdings of one chunk, as an engine streams them. */
const chunkRows = 122_880;

const shuffled = postalBank(customers);
const sorted = postalBank(customers, { sorted: true });
const holdings = shuffled.customer.length;

async function build(pool: KernelPool, bank = shuffled): Promise<Csr> {
  const mark = pool.memory.mark();
  const builder = new CsrBuilder({ pool, customers, products, referenceDay, cutoffs });
  for (let from = 0; from < holdings; from += chunkRows) {
    const part = (column: Int32Array) => column.subarray(from, from + chunkRows);
    builder.add({ customer: part(bank.customer), product: part(bank.product), days: part(bank.days) });
  }
  const csr = await builder.finish();
  pool.memory.release(mark);
  return csr;
}

const [one, two] = [await createNodePool(1), await createNodePool(2)];
const rows = Array.from(shuffled.customer, (customer, i) => ({
  customer,
  product: shuffled.product[i]!,
  day: shuffled.days[i]!,
}));
const [single, double, , reference] = await measure(`CSR of ${holdings} holdings`, 'holding', [
  { name: 'random order, 1 worker', units: holdings, run: () => build(one) },
  { name: 'random order, 2 workers', units: holdings, run: () => build(two) },
  { name: 'ordered by customer, 1 worker', units: holdings, run: () => build(one, sorted) },
  { name: 'TypeScript reference', units: holdings, run: async () => csrByMaps(rows, customers, referenceDay, cutoffs) },
]);
console.log(`  peak ${(one.memory.usage.peakBytes / holdings).toFixed(2)} bytes a holding`);
reportRatios({
  'CSR, kernels against TypeScript': [single!, reference!],
  'CSR, 2 workers against 1': [double!, single!],
});
await Promise.all([one.close(), two.close()]);
