import { Allocation, type Share } from './allocation.ts';
import { none } from './best-offers.ts';
import type { Choices, OfferDemand } from './demand.ts';
import { cellPrices, type OfferProblem } from './offer-problem.ts';

/**
 * Turns prices into whole offers: classes choose at the prices, those whose choice beats the next one by most first; where a capacity is used
 * up they choose again from what is left, and a class that finds room for some of its customers alone is shared. No capacity is exceeded
 * at any time.
 */
export async function allocate(problem: OfferProblem, demand: OfferDemand, prices: Float64Array): Promise<Allocation> {
  const allocation = new Allocation(problem, demand.cells);
  allocation.price(prices);
  const choices = await demand.choices(prices);
  for (const of of byMargin(choices.margin)) giveBest(allocation, of, choices);
  return allocation;
}

/** Gives the customers of a class what is best of what is left. */
function giveBest(allocation: Allocation, of: number, { chosen }: Choices): void {
  const { problem, prices, best } = allocation;
  const { perCustomer, offered } = problem;
  let entries: number[] = [];
  for (let i = of * perCustomer; i < (of + 1) * perCustomer && chosen[i] !== none; i++) entries.push(chosen[i]!);
  const without = new Set<number>();
  let left = offered[of]!;
  while (entries.length > 0) {
    const isOpen = entries.every((entry) => prices[allocation.cellOf(of, entry)]! < Number.POSITIVE_INFINITY);
    const customers = isOpen ? allocation.room(of, entries, left) : 0;
    if (customers > 0 || (left === 0 && isOpen)) {
      allocation.change(of, { customers: left, entries: [] }, entries, customers);
      left -= customers;
      if (left === 0) return;
    } else if (isOpen) without.add(entries.at(-1)!); // two of them count in one capacity that has room for one
    best.choose(of, prices, { without });
    entries = [...best.chosen];
  }
}

/** Classes that choose something, falling by margin: by its upper bits, then as they are numbered. */
function byMargin(margin: Float32Array): Uint32Array {
  const bits = new Uint32Array(margin.buffer, margin.byteOffset, margin.length);
  const starts = new Uint32Array(2 ** 16 + 1);
  // of numbers from 0 on, greater ones have greater bits; what is infinite chooses nothing
  const keyOf = (c: number) => 0x7f7f - (bits[c]! >>> 16);
  for (let c = 0; c < margin.length; c++) if (margin[c] !== Number.POSITIVE_INFINITY) starts[keyOf(c) + 1]!++;
  for (let key = 0; key < 2 ** 16; key++) starts[key + 1]! += starts[key]!;
  const order = new Uint32Array(starts[2 ** 16]!);
  for (let c = 0; c < margin.length; c++) if (margin[c] !== Number.POSITIVE_INFINITY) order[starts[keyOf(c)]!++] = c;
  return order;
}

/**
 * Gives customers who could be made more offers what capacities have left, whatever its price: those first to whom it is worth most beyond
 * the prices.
 */
export async function fill(allocation: Allocation, demand: OfferDemand, asked: Float64Array): Promise<void> {
  const { problem } = allocation;
  const { perCustomer, offered, worth } = problem;
  const priced = new Float64Array(allocation.prices.length);
  cellPrices(allocation.cells, asked, priced);
  allocation.price(new Float64Array(asked.length));
  const { chosen, margin } = await demand.choicesOf(allocation.prices);
  const open: { of: number; beyond: number }[] = [];
  for (let c = 0; c < margin.length; c++) {
    const first = chosen[c * perCustomer]!;
    if (first === none || offered[c] === 0) continue;
    if (!allocation.shares(c).some(({ entries }) => entries.length < perCustomer)) continue;
    open.push({ of: c, beyond: worth[first]! - priced[allocation.cellOf(c, first)]! });
  }
  open.sort((a, b) => b.beyond - a.beyond || a.of - b.of);
  for (const { of } of open) for (const share of allocation.shares(of)) improve(allocation, of, share);
}

/**
 * Moves customers to capacities that have something left although they have a price: those first who gain most, at the prices of all that is used up. What they
 * leave is left for the next ones.
 */
export async function shift(allocation: Allocation, demand: OfferDemand, asked: Float64Array): Promise<void> {
  const { problem } = allocation;
  const { perCustomer, offered, capacities, worth } = problem;
  const priced = new Float64Array(allocation.prices.length);
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    const now = asked.map((price, g) => (price > 0 && allocation.used[g]! < capacities[g]!.most ? 0 : price));
    cellPrices(allocation.cells, now, priced);
    const net = (of: number, entries: readonly number[]) =>
      entries.reduce((sum, entry) => sum + worth[entry]! - priced[allocation.cellOf(of, entry)]!, 0);
    const { chosen } = await demand.choicesOf(priced);
    const moves: { of: number; entries: number[]; gain: number }[] = [];
    for (let of = 0; of < offered.length; of++) {
      if (offered[of] === 0) continue;
      const entries: number[] = [];
      for (let i = of * perCustomer; i < (of + 1) * perCustomer && chosen[i] !== none; i++) entries.push(chosen[i]!);
      const best = net(of, entries);
      const least = allocation.shares(of).reduce((low, share) => Math.min(low, net(of, share.entries)), best);
      if (best - least > smallest) moves.push({ of, entries, gain: best - least });
    }
    moves.sort((a, b) => b.gain - a.gain || a.of - b.of);
    let moved = 0;
    for (const { of, entries } of moves) {
      for (const share of allocation.shares(of)) {
        if (net(of, entries) - net(of, share.entries) <= smallest) continue;
        const customers = allocation.room(of, entries, share.customers, share.entries);
        if (customers > 0) allocation.change(of, share, entries, customers);
        moved += customers;
      }
    }
    if (moved === 0) return;
  }
}

/** Times that customers are moved, and the gain below which they are not. */
const [mostSweeps, smallest] = [12, 1e-9];

/** Makes the customers of a share what is worth more, of what they are made and what is left. @returns whether anything is */
function improve(allocation: Allocation, of: number, share: Share): boolean {
  const { best, prices } = allocation;
  best.choose(of, prices, { held: share.entries });
  const entries = [...best.chosen];
  if (allocation.worth(entries) <= allocation.worth(share.entries)) return false;
  const customers = allocation.room(of, entries, share.customers, share.entries);
  if (customers === 0) return false;
  allocation.change(of, share, entries, customers);
  return true;
}
