import { required } from '@basketwise/core';
import { type BankRecords, daysSinceEpoch, type HistoryBatch, type Product, stillOpen } from '@basketwise/core/advice';
import type { OwnBank } from './own-bank.ts';

/** The class of all products, where nobody tells them apart. */
export const onlyClass = 'product';

/**
 * A dropped bank as the records that models learn from and are judged by.
 * @param byClass whether products have the classes that the file of products says; else all are of one
 */
export function ownRecords(bank: OwnBank, byClass: boolean): BankRecords {
  const products = bank.codes.map((code, product): Product => {
    const known = bank.described && required(bank.described, code);
    const of = byClass ? (known?.class ?? onlyClass) : onlyClass;
    return { ...{ product, code, name: known?.name ?? code, class: of, groupKey: code }, onSale: true, representative: product };
  });
  return {
    customerCount: bank.ids.length,
    products: async () => products,
    async *holdings(asOf) {
      const day = daysSinceEpoch(asOf);
      yield some(bank, (i) => bank.days[i]! <= day && bank.closed[i]! > day);
    },
    async *history(asOf, { after } = {}) {
      const day = daysSinceEpoch(asOf);
      const since = after === undefined ? Number.NEGATIVE_INFINITY : daysSinceEpoch(after);
      const batch = some(bank, (i) => bank.days[i]! <= day && bank.days[i]! > since);
      // what is closed later is not known yet
      for (const [i, closed] of batch.closed.entries()) if (closed > day) batch.closed[i] = stillOpen;
      yield batch;
    },
    joined: async () => undefined,
  };
}

/** The holdings of some rows. */
function some({ customer, product, days, closed }: OwnBank, isWanted: (row: number) => boolean): HistoryBatch {
  const rows = new Uint32Array(customer.length);
  let count = 0;
  for (let i = 0; i < customer.length; i++) if (isWanted(i)) rows[count++] = i;
  const part = (values: Int32Array) => Int32Array.from(rows.subarray(0, count), (row) => values[row]!);
  return { customer: part(customer), product: part(product), days: part(days), closed: part(closed) };
}
