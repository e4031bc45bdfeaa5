import { daysSinceEpoch, noDate, required, unpackEntry } from '@basketwise/core';
import type { Acquisitions } from './acquisitions.ts';
import type { Bank } from './bank.ts';
import { begunGroups } from './campaign-plan.ts';

/** Period of known purchases before a date, in days. */
export const year = 365;
/** Maximum length of a part of a window, in days. */
const longestPart = 31;

/**
 * Earlier holdings at the time of a purchase: nothing of the product's class, other products of the class, or the purchased product itself. In the
 * third case the acquisition is no purchase.
 */
export const heldBefore = ['nothing', 'others', 'it'] as const;

/** Number of purchases of a product in one part of a window before a date, by the customers' earlier holdings (see `heldBefore`). */
interface PurchaseCount {
  product: number;
  /** Part, counted back from the date; the newest is 0. */
  part: number;
  held: (typeof heldBefore)[number];
  purchases: number;
}

/**
 * Purchases of a class's products in the year before a date, with the numbers of customers. In each part, only customers who joined before it count:
 * lists made at its beginning contain no others.
 */
export interface ClassPurchases {
  counts: readonly PurchaseCount[];
  /** Number of customers at the beginning of each part of the year, newest part first. */
  customers: readonly number[];
  /** Number of customers who hold a product of the class at the beginning of each part, in the same order. */
  holders: readonly number[];
}

/** Number of parts (`parts`) of a window of `days` days, and number of parts (`known`) in the `span` days before a date. */
export function windowParts(days: number, span = year): { parts: number; known: number } {
  const parts = Math.ceil(days / longestPart);
  return { parts, known: Math.max(parts, Math.floor((span * parts) / days)) };
}

/**
 * Counts customers and holders of a class at the beginning of each part of the year before a date. `joined` is the part in which a customer joined, or
 * Infinity. It is computed as for purchases: floor(age * parts / days).
 */
export class PartCustomers {
  readonly customers: number[];
  readonly holders: number[];

  /** @param days length of a window, in days */
  constructor(days: number) {
    const { known: knownParts } = windowParts(days);
    this.customers = new Array<number>(knownParts).fill(0);
    this.holders = new Array<number>(knownParts).fill(0);
  }

  /** Adds customers and holders as of the date. */
  add(joined: number, customers: number, holders: number): void {
    for (let part = 0; part < Math.min(joined, this.customers.length); part++) {
      this.customers[part]! += customers;
      this.holders[part]! += holders;
    }
  }

  /** Adds customers who held nothing of the class and purchased of it in a part. Until then they were no holders. */
  addFirst(part: number, joined: number, customers: number): void {
    for (let earlier = part; earlier < Math.min(joined, this.holders.length); earlier++) this.holders[earlier]! -= customers;
  }
}

/**
 * Counts the purchases of a class's products in the year before a date.
 * @param joined day on which each customer joined (see `BankRecords.joined`). Undefined: all customers joined before the year
 * @param name name of the class
 * @param days length of a window, in days
 */
export function classPurchases(
  bank: Pick<Bank, 'holds' | 'products' | 'customers'> & { acquisitions: Acquisitions },
  joined: Int32Array | undefined,
  name: string,
  days: number,
): ClassPurchases {
  const { acquisitions, products } = bank;
  const today = daysSinceEpoch(acquisitions.date);
  const { parts } = windowParts(days);
  const partOf = (day: number) => Math.floor(((today - day) * parts) / days);
  const joinedIn = (customer: number) => {
    const day = joined?.[customer] ?? noDate;
    return day === noDate ? Number.POSITIVE_INFINITY : partOf(day);
  };
  const people = new PartCustomers(days);
  const holds = required(bank.holds, name);
  for (let customer = 0; customer < bank.customers; customer++) people.add(joinedIn(customer), 1, holds[customer]!);
  const ofClass = begunGroups(products, name);
  const isOfClass = Uint8Array.from(products, ({ groupKey }) => (ofClass.has(groupKey) ? 1 : 0));
  const counts = new Map<number, PurchaseCount>();
  const seen = new Set<number>();
  for (let at = 0, customer = -1; at < acquisitions.count; at++) {
    if (acquisitions.customer[at] !== customer) {
      customer = acquisitions.customer[at]!;
      seen.clear();
    }
    const product = acquisitions.product[at]!;
    const part = partOf(acquisitions.day[at]!);
    if (!isOfClass[product] || joinedIn(customer) <= part) continue;
    const { groupKey } = products[product]!;
    let [holdsSome, holdsIt] = [false, false];
    for (let i = acquisitions.start[at]!; i < acquisitions.start[at + 1]!; i++) {
      const { column: heldProduct } = unpackEntry(acquisitions.before[i]!);
      holdsSome ||= isOfClass[heldProduct] === 1;
      holdsIt ||= products[heldProduct]!.groupKey === groupKey;
    }
    const state = holdsIt ? 2 : holdsSome ? 1 : 0;
    const held = heldBefore[state];
    const key = (part * products.length + product) * heldBefore.length + state;
    const count = counts.get(key);
    if (count) count.purchases++;
    else counts.set(key, { product, part, held, purchases: 1 });
    if (held !== 'nothing' || seen.has(part)) continue;
    people.addFirst(part, joinedIn(customer), 1);
    seen.add(part);
  }
  return { counts: [...counts.values()], customers: people.customers, holders: people.holders };
}
