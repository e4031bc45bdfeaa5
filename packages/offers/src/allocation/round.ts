import { mean, none } from '@basketwise/core';
import { Allocation } from './allocation.ts';
import type { ChosenOffers, OfferDemand } from './demand.ts';
import type { ClassShares } from './near-offers.ts';
import { cellPrices, type OfferProblem } from './offer-problem.ts';

/**
 * Turns shadow prices into whole offers. Each class chooses its best offers at the prices, classes with the largest margin first.
 * If a chosen offer needs a capacity that is used up, the class chooses again from the remaining offers.
 * If a capacity has room for only some customers of the class, the class is divided into shares. No capacity is ever exceeded.
 */
export async function allocateAtPrices(problem: OfferProblem, demand: OfferDemand, prices: Float64Array): Promise<Allocation> {
  const allocation = new Allocation(problem, demand.cells);
  allocation.price(prices);
  const choices = await demand.choices(prices);
  for (const classIndex of byMargin(choices.margin)) giveChoice(allocation, classIndex, choices);
  return allocation;
}

/**
 * Rounds fractional shares to whole offers: first the offers of whole classes, then the remaining fractions, in whole customers.
 * The number of offers of each pair of group and item differs from its sum of shares by a few offers.
 * If a capacity has no room for a customer, the customer chooses at the prices from the remaining offers. No capacity is ever exceeded.
 * A class with only control customers gets the offers of a contacted customer in its place, because rounding would drop its small shares.
 */
export function allocateShares(
  problem: OfferProblem,
  demand: OfferDemand,
  { classOf, begin, entry, share }: ClassShares,
  prices: Float64Array,
): Allocation {
  const allocation = new Allocation(problem, demand.cells);
  allocation.price(prices);
  const left = new Map<number, number>();
  const some: number[] = [];
  for (let c = 0; c < classOf.length; c++) {
    const classIndex = classOf[c]!;
    let i = begin[c]!;
    while (i < begin[c + 1]! && share[i] === 0) i++;
    if (i === begin[c + 1]!) continue;
    if (share[i]! < 1) some.push(c);
    else if (!allocation.take(classIndex, entry[i]!)) left.set(classIndex, allocation.customers(classIndex));
  }
  // For each pair of group and item: contacted customers that the shares demand, minus contacted customers assigned so far.
  const owed = new Float64Array(allocation.prices.length);
  for (const c of some) {
    const offers = { entries: entry.subarray(begin[c]!, begin[c + 1]!), shares: share.subarray(begin[c]!, begin[c + 1]!) };
    const { open, refused } = giveShares(allocation, classOf[c]!, offers, owed);
    if (refused > 0) left.set(classOf[c]!, open);
  }
  for (const [classIndex, customers] of left) {
    allocation.best.choose(classIndex, allocation.prices);
    giveBest(allocation, classIndex, [...allocation.best.chosen], customers);
  }
  return allocation;
}

/**
 * Divides the customers of a class among its offers, in whole customers.
 * @param owed customers that earlier classes lack, by pair of group and item; updated
 * @returns `open`: number of customers without an offer; `refused`: number of customers who lack one because a capacity had no room
 */
function giveShares(
  allocation: Allocation,
  classIndex: number,
  { entries, shares }: { entries: ClassShares['entry']; shares: ClassShares['share'] },
  owed: Float64Array,
): { open: number; refused: number } {
  const all = allocation.customers(classIndex);
  const isControl = allocation.isControl(classIndex);
  let [open, refused] = [all, 0];
  for (let i = 0; i < entries.length && open > 0; i++) {
    const [entry, share] = [entries[i]!, shares[i]!];
    if (share === 0) continue;
    const cell = allocation.cellOf(classIndex, entry);
    const wanted = (isControl ? 1 : all) * share + owed[cell]!;
    const whole = Math.max(0, Math.floor(wanted + 0.5));
    const customers = Math.min(open - refused, isControl && whole > 0 ? all : whole);
    if (!isControl) owed[cell] = wanted - customers;
    if (customers === 0) continue;
    if (customers === all && allocation.take(classIndex, entry)) return { open: 0, refused };
    const given = allocation.room(classIndex, [entry], customers);
    if (given > 0) allocation.change(classIndex, { customers: open, entries: [] }, [entry], given);
    open -= given;
    refused += customers - given;
  }
  return { open, refused };
}

/** Gives the customers of a class the offers that they chose. Customers without room get the best remaining offers. */
function giveChoice(allocation: Allocation, classIndex: number, { chosen }: ChosenOffers): void {
  const { perCustomer } = allocation.problem;
  if (perCustomer === 1 && allocation.take(classIndex, chosen[classIndex]!)) return;
  const entries: number[] = [];
  for (let i = classIndex * perCustomer; i < (classIndex + 1) * perCustomer && chosen[i] !== none; i++) entries.push(chosen[i]!);
  giveBest(allocation, classIndex, entries, allocation.customers(classIndex));
}

/** Gives the entries `first` to customers who have no offers. If a capacity lacks room, they get the best remaining offers. */
function giveBest(allocation: Allocation, classIndex: number, first: readonly number[], customers: number): void {
  const { prices, best } = allocation;
  const without = new Set<number>();
  let [entries, left] = [first, customers];
  while (entries.length > 0) {
    const isOpen = entries.every((entry) => prices[allocation.cellOf(classIndex, entry)]! < Number.POSITIVE_INFINITY);
    const given = isOpen ? allocation.room(classIndex, entries, left) : 0;
    if (given > 0) {
      allocation.change(classIndex, { customers: left, entries: [] }, entries, given);
      left -= given;
      if (left === 0) return;
    } else if (isOpen) without.add(entries.at(-1)!); // Two entries may count in one capacity with room for one.
    best.choose(classIndex, prices, { without });
    entries = [...best.chosen];
  }
}

/** Classes with a choice, by falling margin (rounded to 16 bits), then by number. */
function byMargin(margin: Float32Array): Uint32Array {
  const bits = new Uint32Array(margin.buffer, margin.byteOffset, margin.length);
  const starts = new Uint32Array(2 ** 16 + 1);
  // The bits of an f32 from 0 up sort like its value. An infinite margin means that the class has no choice.
  const keyOf = (c: number) => 0x7f7f - (bits[c]! >>> 16);
  for (let c = 0; c < margin.length; c++) if (margin[c] !== Number.POSITIVE_INFINITY) starts[keyOf(c) + 1]!++;
  for (let key = 0; key < 2 ** 16; key++) starts[key + 1]! += starts[key]!;
  const order = new Uint32Array(starts[2 ** 16]!);
  for (let c = 0; c < margin.length; c++) if (margin[c] !== Number.POSITIVE_INFINITY) order[starts[keyOf(c)]!++] = c;
  return order;
}

/** Price of a capacity with room in each sweep, as a share of the capacity's original price. */
const priceShares = [0.99, 0.97, 0.94, 0.9, 0.85, 0.8];
/** Greatest number of sweeps that ignore prices: by `fillCapacities`, and by `fillFast`. */
const [lastSweeps, fastSweeps] = [6, 2];
/** Smallest gain for which a customer moves, as a share of the mean value of entries. */
const smallestGain = 1e-9;

/**
 * Allocates the remaining capacity in sweeps over the customers. In each sweep, the customers with the largest gain move first.
 * From sweep to sweep, the prices of capacities with room fall, and the prices of missed minimums become more negative.
 * A customer who leaves a used-up capacity gains its price, because the next sweep allocates the free offer.
 * The last sweeps ignore prices and count only values.
 */
export async function shift(allocation: Allocation, demand: OfferDemand, asked: Float64Array): Promise<void> {
  const { used, problem } = allocation;
  const scale = mean(problem.worth);
  for (const part of priceShares) {
    const now = asked.map((price, g) => {
      const { least, most } = problem.capacities[g]!;
      if (used[g]! < least) return Math.min(0, price) - (1 - part) * scale;
      return price > 0 && used[g]! < most ? price * part : price;
    });
    await sweep(allocation, demand, now);
  }
  await fillCapacities(allocation, demand);
}

/** Moves customers to the offers of greatest value among their own and the remaining offers, ignoring prices. */
async function fillCapacities(allocation: Allocation, demand: OfferDemand): Promise<void> {
  const none = new Float64Array(allocation.used.length);
  for (let i = 0; i < lastSweeps; i++) if ((await sweep(allocation, demand, none)) === 0) return;
}

/** `fillCapacities` for many customers. A customer whose chosen offers are used up by other customers waits for the next sweep. */
export async function fillFast(allocation: Allocation, demand: OfferDemand): Promise<void> {
  const none = new Float64Array(allocation.used.length);
  for (let i = 0; i < fastSweeps; i++) if ((await sweep(allocation, demand, none, true)) === 0) return;
}

/**
 * Moves customers to the best of their own and the remaining offers at given prices, customers with the largest gain first.
 * @returns number of contacted customers moved
 */
async function sweep(allocation: Allocation, demand: OfferDemand, now: Float64Array, waits = false): Promise<number> {
  const priced = new Float64Array(allocation.prices.length);
  cellPrices(allocation.cells, now, priced);
  allocation.price(now);
  const smallest = smallestGain * mean(allocation.problem.worth);
  const { chosen } = await demand.choicesOf(allocation.prices);
  const { offered, perCustomer: most } = allocation.problem;
  const gains = new Float32Array(offered.length).fill(Number.POSITIVE_INFINITY);
  let classes = 0;
  for (let classIndex = 0; classIndex < offered.length; classIndex++) {
    if (!allocation.isOther(classIndex, chosen)) continue;
    const chosenNet = most > 1 ? null : allocation.net(classIndex, chosen, classIndex, classIndex + 1, priced);
    const gain =
      chosenNet === null ? gainOf(allocation, classIndex, priced) : chosenNet - allocation.leastNet(classIndex, priced);
    if (gain <= smallest) continue;
    gains[classIndex] = gain;
    classes++;
  }
  let moved = 0;
  for (const classIndex of waits ? byMargin(gains) : byGain(gains, classes)) {
    const isGone =
      waits && allocation.prices[allocation.cellOf(classIndex, chosen[classIndex * most]!)] === Number.POSITIVE_INFINITY;
    if (isGone) continue;
    const some = improve(allocation, classIndex, { priced, smallest });
    if (!allocation.isControl(classIndex)) moved += some;
  }
  return moved;
}

/** Classes in which a customer gains by a move, by falling gain. */
function byGain(gains: Float32Array, count: number): Uint32Array {
  const order = new Uint32Array(count);
  let at = 0;
  for (let classIndex = 0; classIndex < gains.length; classIndex++)
    if (gains[classIndex] !== Number.POSITIVE_INFINITY) order[at++] = classIndex;
  return order.sort((a, b) => gains[b]! - gains[a]! || a - b);
}

/** Largest gain in reduced value that a customer of a class can reach by a move. */
function gainOf(allocation: Allocation, classIndex: number, priced: Float64Array): number {
  return allocation.shares(classIndex).reduce((most, { entries }) => {
    const value = allocation.best.choose(classIndex, allocation.prices, { held: entries, priced });
    return Math.max(most, value - allocation.netOf(classIndex, entries, priced));
  }, 0);
}

/** Moves the customers of a class to the best offers among their own and the remaining offers. @returns number of customers moved */
function improve(
  allocation: Allocation,
  classIndex: number,
  { priced, smallest }: { priced: Float64Array; smallest: number },
): number {
  const { best, prices } = allocation;
  let moved = 0;
  for (const share of allocation.shares(classIndex)) {
    for (let left = share.customers; left > 0; ) {
      const value = best.choose(classIndex, prices, { held: share.entries, priced });
      if (value - allocation.netOf(classIndex, share.entries, priced) <= smallest) break;
      const entries = [...best.chosen];
      const customers = allocation.room(classIndex, entries, left, share.entries);
      if (customers === 0) break;
      allocation.change(classIndex, share, entries, customers);
      moved += customers;
      left -= customers;
    }
  }
  return moved;
}
