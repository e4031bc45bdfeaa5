import { type HistoryBatch, noDate, stillOpen } from '@basketwise/core/parts';

/** First known opening of each product. A holding without a date has no known opening. */
export class FirstOpenings {
  readonly #first: Int32Array;

  constructor(products: number) {
    this.#first = new Int32Array(products).fill(stillOpen);
  }

  /** @param joined days on which customers joined; an earlier opening counts from the day of joining */
  add({ customer, product, days }: Pick<HistoryBatch, 'customer' | 'product' | 'days'>, joined: Int32Array | undefined): void {
    for (let i = 0; i < product.length; i++) {
      if (days[i] === noDate) continue;
      const day = Math.max(days[i]!, joined?.[customer[i]!] ?? noDate);
      if (day < this.#first[product[i]!]!) this.#first[product[i]!] = day;
    }
  }

  /** One byte per product: 1 if it was opened on or before a day (since 1970-01-01). */
  known(day: number): Uint8Array {
    return Uint8Array.from(this.#first, (first) => (first <= day ? 1 : 0));
  }
}
