import { type HistoryBatch, noDate, stillOpen } from '@basketwise/core/parts';

/** The first day on which each product is known to have been opened. A holding without a date may be younger than any day, and says nothing. */
export class FirstOpenings {
  readonly #first: Int32Array;

  constructor(products: number) {
    this.#first = new Int32Array(products).fill(stillOpen);
  }

  /** @param joined days on which customers joined: an opening before it counts from then on, as that of a customer */
  add({ customer, product, days }: Pick<HistoryBatch, 'customer' | 'product' | 'days'>, joined: Int32Array | undefined): void {
    for (let i = 0; i < product.length; i++) {
      if (days[i] === noDate) continue;
      const day = Math.max(days[i]!, joined?.[customer[i]!] ?? noDate);
      if (day < this.#first[product[i]!]!) this.#first[product[i]!] = day;
    }
  }

  /** One byte per product, 1 where it is known to have been opened on a day (since 1970-01-01) or before. */
  known(day: number): Uint8Array {
    return Uint8Array.from(this.#first, (first) => (first <= day ? 1 : 0));
  }
}
