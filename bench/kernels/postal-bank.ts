import { createRandom, type HoldingChunk, noDate } from '@basketwise/core';

/** Day of the made-up bank's reference date, and the first days of its recency bands. */
export const referenceDay = 19_235;
export const cutoffs = [referenceDay - 182, referenceDay - 365, referenceDay - 1095];

/** Families of products: how many, skew of their popularity, share of the holdings. */
const families = [
  { products: 250, skew: 1.35, share: 0.9 },
  { products: 150, skew: 1.25, share: 0.08 },
  { products: 30, skew: 1.1, share: 0.02 },
];
/** Products of the bank, and their codes. */
export const products = families.reduce((sum, family) => sum + family.products, 0);
export const codes = Array.from({ length: products }, (_, i) => `P${String(i).padStart(3, '0')}`);

/** Position of a product's family. */
export function familyOf(product: number): number {
  const ends = families.map((_, at) => families.slice(0, at + 1).reduce((sum, family) => sum + family.products, 0));
  return ends.findIndex((end) => product < end);
}

/** Shares of customers by segment, and by number of products. */
const segments = [8, 6, 5, 4, 4, 3, 3, 2, 2, 1.5, 1, 0.8];
const sizes = [0.46, 0.235, 0.125, 0.07, 0.042, 0.026, 0.016, 0.01, 0.0065, 0.0042, 0.003, 0.0023];

/** Picks by weight: 65,536 slots, each one choice, so that a pick is one look-up. */
function picker(weights: readonly number[]): Uint16Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const slots = new Uint16Array(65_536);
  let choice = 0;
  let reached = weights[0]! / total;
  for (let slot = 0; slot < slots.length; slot++) {
    while (choice < weights.length - 1 && (slot + 0.5) / slots.length > reached) reached += weights[++choice]! / total;
    slots[slot] = choice;
  }
  return slots;
}

/** Popularity of each product in one segment: Zipf inside the family, times a taste that few segments share. */
function tastes(random: () => number): number[] {
  return families.flatMap(({ products: count, skew, share }) => {
    const weights = Array.from(
      { length: count },
      (_, rank) => (rank + 1) ** -skew * (0.25 + (0.75 * gamma(random, 0.35)) / 0.35),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => (share * weight) / total);
  });
}

/** A gamma-distributed number with shape below 1 (Ahrens and Dieter 1974). */
function gamma(random: () => number, shape: number): number {
  const bound = 1 + shape / Math.E;
  for (;;) {
    const p = bound * random();
    const x = p <= 1 ? p ** (1 / shape) : -Math.log((bound - p) / shape);
    if (random() <= (p <= 1 ? Math.exp(-x) : x ** (shape - 1))) return x;
  }
}

/**
 * Holdings of a made-up postal bank (430 products, four bands, about 2.3 products a customer), in random order unless `sorted`.
 * For measurements only: its shape is that of reference banks, its dates are independent.
 */
export function postalBank(customers: number, { seed = 1, sorted = false } = {}): HoldingChunk {
  const random = createRandom(seed).next;
  const segmentOf = picker(segments);
  const sizeOf = picker(sizes);
  const productOf = segments.map(() => picker(tastes(random)));
  const customer = new Int32Array(customers * 3);
  const product = new Int32Array(customers * 3);
  let count = 0;
  for (let row = 0; row < customers; row++) {
    const pick = productOf[segmentOf[Math.floor(random() * 65_536)]!]!;
    const first = count;
    const end = Math.min(customer.length, first + sizeOf[Math.floor(random() * 65_536)]! + 1);
    while (count < end) {
      const chosen = pick[Math.floor(random() * 65_536)]!;
      let at = first;
      while (at < count && product[at] !== chosen) at++;
      if (at < count) continue;
      customer[count] = row;
      product[count++] = chosen;
    }
  }
  const days = Int32Array.from({ length: count }, () =>
    random() < 0.02 ? noDate : Math.floor(referenceDay - 3000 * random() ** 2),
  );
  const chunk = { customer: customer.subarray(0, count), product: product.subarray(0, count), days };
  return sorted ? chunk : shuffled(chunk);
}

/** The same holdings with a large stride between neighbours. */
function shuffled({ customer, product, days }: HoldingChunk): HoldingChunk {
  const count = customer.length;
  const stride = 1_000_003 % count || 1;
  const move = (from: Int32Array) => {
    const to = new Int32Array(count);
    for (let i = 0, at = 0; i < count; i++, at = (at + stride) % count) to[i] = from[at]!;
    return to;
  };
  return { customer: move(customer), product: move(product), days: move(days) };
}
