import { hash } from './hash.ts';

/** Some of a bank's customers, numbered anew. */
export interface CustomerSample {
  customers: number;
  /** i32[customers of the bank]: number in the sample, -1 for those who are not in it. */
  numberOf: Int32Array;
  /** Size and seed that it was drawn by: with the same bank, they are the same sample. */
  size: number;
  seed: number;
}

/** About `size` customers, by a hash of their number; undefined where all of them are no more. */
export function sampleCustomers(customers: number, size: number, seed: number): CustomerSample | undefined {
  if (customers <= size) return undefined;
  const numberOf = new Int32Array(customers).fill(-1);
  const share = (size / customers) * 2 ** 32;
  let count = 0;
  for (let customer = 0; customer < customers; customer++) if (hash(customer, 606 + seed) < share) numberOf[customer] = count++;
  return { customers: count, numberOf, size, seed };
}
