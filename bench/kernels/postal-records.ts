import { type BankRecords, dateOfDay, type Product, stillOpen } from '@basketwise/core';
import type { BankSettings } from '@basketwise/recommend';
import { codes, familyOf, postalBank, referenceDay } from './postal-bank.ts';

/** The made-up bank's reference date. */
export const postalDate = dateOfDay(referenceDay);

/** How lists of the made-up bank are made: recency bands of half a year, a year, three years and longer. */
export const postalSettings: BankSettings = {
  tables: { holdings: { date: 'opened' } },
  recency: {
    bands: [
      { within: { months: 6, days: 0 }, weight: 1 },
      { within: { months: 12, days: 0 }, weight: 0.75 },
      { within: { months: 36, days: 0 }, weight: 0.5 },
      { weight: 0.25 },
    ],
  },
  evaluate: { window: { months: 1, days: 0 }, gap: null, bootstrap: 0, seed: 0 },
  top_n: 5,
  rules: [],
};

/** The made-up bank as records: 7 of 10 products are on sale, no holding is closed, and none was opened later. */
export function postalRecords(customerCount: number): BankRecords {
  const { customer, product, days } = postalBank(customerCount, { sorted: true });
  const products = codes.map((code, at): Product => {
    const onSale = at % 10 < 7;
    const family = `family ${familyOf(at)}`;
    return { product: at, code, name: code, class: family, groupKey: code, onSale, representative: onSale ? at : null };
  });
  return {
    customerCount,
    products: async () => products,
    async *holdings() {
      yield { customer, product, days };
    },
    async *history(_, { after } = {}) {
      if (after === undefined) yield { customer, product, days, closed: new Int32Array(days.length).fill(stillOpen) };
    },
    joined: async () => undefined,
  };
}
