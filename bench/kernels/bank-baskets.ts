import { BasketBuilder, type CampaignBaskets, type Csr, CsrBuilder, type KernelPool } from '@basketwise/core';
import { codes, cutoffs, postalBank, products, referenceDay } from './postal-bank.ts';

/** The made-up bank's holdings by customer, in the pool's memory. */
export async function bankCsr(pool: KernelPool, customers: number): Promise<Csr> {
  const builder = new CsrBuilder({ pool, customers, products, referenceDay, cutoffs });
  builder.add(postalBank(customers));
  return builder.finish();
}

/** Its distinct baskets over all products, with the constant pseudo-product. */
export async function bankBaskets(pool: KernelPool, csr: Csr): Promise<CampaignBaskets> {
  const builder = new BasketBuilder({
    pool,
    columns: codes,
    projection: Int32Array.from(codes, (_, product) => product),
    pseudoColumns: ['constant'],
    constants: [{ column: 0, band: cutoffs.length + 1 }],
  });
  await builder.add(csr);
  return builder.finish();
}
