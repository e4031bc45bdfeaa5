import { type HistoryBatch, noDate, stillOpen } from '@basketwise/core/parts';

/** Day of the first known opening of each product, over all holdings. Holdings without a date are ignored. */
export class FirstOpenings {
  readonly #first: Int32Array;

  constructor(products: number) {
    this.#first = new Int32Array(products).fill(stillOpen);
  }

  /** Adds a batch of holdings. @param joined day on which each customer joined; an earlier opening counts as opened on that day */
  add({ customer, product, days }: Pick<HistoryBatch, 'customer' | 'product' | 'days'>, joined: Int32Array | undefined): void {
    for (let i = 0; i < product.length; i++) {
      if (days[i] === noDate) continue;
      const day = Math.max(days[i]!, joined?.[customer[i]!] ?? noDate);
      if (day < this.#first[product[i]!]!) this.#first[product[i]!] = day;
    }
  }

  /** Flag of each product, u8[products]: 1 if the first known opening is on or before `day` (days since 1970-01-01). */
  known(day: number): Uint8Array {
    return Uint8Array.from(this.#first, (first) => (first <= day ? 1 : 0));
  }
}
