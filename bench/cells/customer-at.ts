import { type DatedHoldings, monthsLater, never } from './dated-bank.ts';

/** A customer's holdings as of a day, and what they bought around it. */
export interface CustomerAt {
  /** Products held on the day, each with the day of its newest opening (`never` where it is lost), in the order of the products. */
  held: { product: number; opened: number }[];
  /** Products acquired in the year before, which were not held then: with the day, and whether something of each class was held before it. */
  before: { product: number; day: number; held: readonly number[] }[];
  /** Products acquired in the window after the day that were not held on it. */
  bought: number[];
}

/** Looks at one customer after the other. */
export class CustomerView {
  readonly #bank: DatedHoldings;
  readonly #at: number;
  readonly #to: number;
  readonly #since: number;

  /** @param months length of the window after the day */
  constructor(bank: DatedHoldings, at: number, months: number) {
    this.#bank = bank;
    this.#at = at;
    this.#to = monthsLater(at, months);
    this.#since = monthsLater(at, -12);
  }

  /** Whether the customer bought anything in the window. */
  hasBought(customer: number): boolean {
    const { start, opened } = this.#bank;
    for (let row = start[customer]!; row < start[customer + 1]!; row++)
      if (opened[row]! > this.#at && opened[row]! <= this.#to) return true;
    return false;
  }

  of(customer: number): CustomerAt {
    const { start, product, opened, closed } = this.#bank;
    const [from, to] = [start[customer]!, start[customer + 1]!];
    const found: CustomerAt = { held: [], before: [], bought: [] };
    for (let row = from; row < to; row++) {
      const day = opened[row]!;
      if (day > this.#to) continue;
      if (day > this.#at) {
        if (!this.#holds(customer, product[row]!, this.#at) && !found.bought.includes(product[row]!))
          found.bought.push(product[row]!);
        continue;
      }
      if (day > this.#since && !this.#holds(customer, product[row]!, day - 1)) {
        found.before.push({ product: product[row]!, day, held: this.#heldOn(customer, day - 1) });
      }
      if (closed[row] !== never && closed[row]! <= this.#at) continue;
      const known = found.held.find((one) => one.product === product[row]);
      if (known === undefined) found.held.push({ product: product[row]!, opened: day });
      else known.opened = Math.max(known.opened, day);
    }
    found.held.sort((a, b) => a.product - b.product);
    return found;
  }

  #holds(customer: number, product: number, day: number): boolean {
    return this.#heldOn(customer, day).includes(product);
  }

  #heldOn(customer: number, day: number): number[] {
    const { start, product, opened, closed } = this.#bank;
    const held: number[] = [];
    for (let row = start[customer]!; row < start[customer + 1]!; row++) {
      if (opened[row]! <= day && (closed[row] === never || closed[row]! > day)) held.push(product[row]!);
    }
    return held;
  }
}
