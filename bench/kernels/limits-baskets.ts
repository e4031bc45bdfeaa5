import { createRandom, topNLinear } from '@basketwise/core/parts';
import { bankBaskets, bankCsr } from './bank-baskets.ts';
import { createKernelClock } from './kernel-clock.ts';
import type { LimitBench } from './limit-bench.ts';
import { customers } from './measure.ts';

/** Lists of top-N, and the share of products that may be listed. */
const listed = [1, 5, 10, 20];
const onSale = 0.7;

/** CSR build, collapse and top-N over the made-up bank. */
export async function basketBenches(): Promise<LimitBench[]> {
  const clock = createKernelClock();
  const { pool } = clock;
  const { memory } = pool;
  const csr = await bankCsr(pool, customers);
  const { table } = await bankBaskets(pool, csr);
  const perCustomer = csr.entries / customers;
  const { rows, columns } = table;
  const distinct = rows / customers;
  const perBasket = table.entries / rows;

  async function build(): Promise<number> {
    const mark = memory.mark();
    clock.take();
    await bankCsr(pool, customers);
    memory.release(mark);
    return clock.take('csrCount', 'csrOffsets', 'csrScatter', 'csrSortRows', 'csrPlaceRows');
  }
  async function collapse(): Promise<number> {
    const mark = memory.mark();
    clock.take();
    await bankBaskets(pool, csr);
    memory.release(mark);
    return clock.take('hashRows', 'recordRows', 'collapsePartition', 'gatherPartition', 'resolveRows');
  }
  async function order(): Promise<number> {
    const mark = memory.mark();
    clock.take();
    await bankBaskets(pool, csr);
    memory.release(mark);
    return clock.take('countColumns', 'renameColumns', 'surveyRecords', 'binRows', 'sortBins', 'measureRows', 'placeRows');
  }

  const { next } = createRandom(1);
  const stride = columns.length;
  const matrix = memory.store(Float32Array.from({ length: stride * stride }, () => next() ** 3));
  const weights = memory.store(Float32Array.from({ length: table.entries }, next));
  const allowed = Uint8Array.from(columns, (_, column) => Number(column % 10 < 10 * onSale && column < stride - 1));
  const candidates = 16 * Math.ceil(allowed.reduce((sum, may) => sum + may, 0) / 16);
  const topN = async (n: number): Promise<number> => {
    const mark = memory.mark();
    clock.take();
    await topNLinear({ pool, table, range: { from: 0, to: rows }, n, allowed, matrix, stride, weights });
    memory.release(mark);
    return clock.take('topNLinearRows');
  };

  return [
    {
      ...{ name: 'CSR build', unit: 'holding', units: csr.entries, run: build },
      // A record of 8 bytes is read twice, an entry written, sorted (read and written), read and written to its place: 16 + 20; the
      // customer's place is read and written when counting and when scattering: 16. Per customer: offsets, sorting, placing 8, 4 and 8.
      bytes: 52 + 20 / perCustomer,
      ...{ multiplyAdds: 0, precision: 'f32' },
    },
    {
      ...{ name: 'collapse', unit: 'customer', units: customers, run: collapse },
      // Start and entries are read twice, the hash is written and read twice, the record (head of 16 bytes and entries) written and read,
      // the row in its partition written, read and written; the distinct ones' records are written, read and written again.
      bytes: 2 * (4 + 4 * perCustomer) + 12 + 2 * (16 + 4 * perCustomer) + 12 + distinct * 3 * (16 + 4 * (perBasket - 1)),
      ...{ multiplyAdds: 0, precision: 'f32' },
    },
    {
      ...{ name: 'order of baskets', unit: 'basket', units: rows, run: order },
      // The record (head and entries) is read to count columns, read and written to rename them, read to bin, read to sort, read to measure and
      // read to place; the row (start, multiplicity, group, entries) is written; its number in order is written and read three times.
      bytes: 7 * (16 + 4 * perBasket) + 12 + 4 * perBasket + 24,
      ...{ multiplyAdds: 0, precision: 'f32' },
    },
    ...listed.map(
      (n): LimitBench => ({
        ...{ name: `top-${n} of ${candidates}`, unit: 'basket', units: rows, run: () => topN(n) },
        // Start, entries and weights are read, the list of columns and scores and its length written; the matrix stays in a cache.
        bytes: 4 + 8 * perBasket + 8 * n + 4,
        // A line of the matrix per entry. What selection takes is none of it.
        multiplyAdds: perBasket * candidates,
        precision: 'f32',
      }),
    ),
  ];
}
