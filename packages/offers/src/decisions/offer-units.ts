import type { OfferResults } from '@basketwise/data';
import type { Allocation, OfferShare } from '../allocation/allocation.ts';
import type { Arms } from './arms.ts';
import { type CustomerClasses, noClass } from './classes.ts';
import type { OfferedItems } from './items.ts';
import type { OfferLists } from './joined-lists.ts';

/**
 * Markers in place of a unit (number of a distinct list of offers). `unknown`: the unit is not known yet.
 * `firstShared` - i: the class is the i-th class that is divided into shares.
 */
const [unknown, firstShared] = [-1, -2];

/** Units among which a class's control customers are drawn, and their cumulated shares. */
interface DrawnUnits {
  unit: readonly number[];
  upTo: readonly number[];
}

/**
 * Writes the offers of each customer. In a class that is divided into shares, contacted customers fill the shares in the order of their
 * hashes. A control customer gets the share whose cumulated range contains hash / 2^32.
 */
export function writeUnits(arms: Arms, classes: CustomerClasses, allocation: Allocation, units: UnitWriter): void {
  const { classOf } = classes;
  const { unit } = units;
  const { offered } = allocation.problem;
  // For each class, two numbers: unit of its contacted customers, and unit of its control customers.
  const ofClass = new Int32Array(offered.length * 2).fill(unknown);
  const shared: number[] = [];
  const starts = [0];
  for (let classIndex = 0; classIndex < offered.length; classIndex++) {
    if (offered[classIndex] === 0 || !allocation.isShared(classIndex)) continue;
    ofClass[classIndex * 2] = firstShared + 1 - shared.push(classIndex);
    starts.push(starts.at(-1)! + offered[classIndex]!);
  }
  const members = new SharedMembers(starts);
  const drawn: DrawnUnits[] = [];
  // Most customers have no offers. Reading one byte per class is much faster than reading a unit per class and arm.
  const without = allocation.without();
  for (let customer = 0; customer < classOf.length; customer++) {
    const classIndex = classOf[customer]!;
    if (classIndex === noClass || without[classIndex] === 1) continue;
    const arm = arms.control[customer]!;
    const at = classIndex * 2 + arm;
    if (ofClass[at] === unknown)
      ofClass[at] =
        arm === 0 ? units.add(allocation.made(classIndex), arm) : drawUnits(allocation.controlShares(classIndex), units, drawn);
    if (ofClass[at]! >= unknown) unit[customer] = ofClass[at]!;
    else if (arm === 0) members.add(firstShared - ofClass[at]!, customer, arms.order[customer]!);
    else unit[customer] = drawnUnit(drawn[firstShared - ofClass[at]!]!, arms.order[customer]!);
  }
  for (const [i, classIndex] of shared.entries()) {
    const shares = allocation.shares(classIndex);
    const numbers = shares.map(({ entries }) => units.add(entries, 0));
    let [at, left] = [0, shares[0]!.customers];
    for (const customer of members.inOrder(i)) {
      while (left === 0) left = shares[++at]!.customers;
      unit[customer] = numbers[at]!;
      left--;
    }
  }
}

/**
 * Prepares the units of a class's control customers.
 * @returns the unit of all these customers or, for a class with shares, the marker `firstShared` - position in `drawn`
 */
function drawUnits(shares: readonly OfferShare[], units: UnitWriter, drawn: DrawnUnits[]): number {
  const unit = shares.map(({ entries }) => units.add(entries, 1));
  if (unit.length === 1) return unit[0]!;
  let sum = 0;
  return firstShared + 1 - drawn.push({ unit, upTo: shares.map(({ customers }) => (sum += customers)) });
}

/** Unit of a control customer in a class with shares. @param order hash of the customer, 32 bits */
function drawnUnit({ unit, upTo }: DrawnUnits, order: number): number {
  const place = (order / 2 ** 32) * upTo.at(-1)!;
  return unit[upTo.findIndex((end) => place < end)]!;
}

/** Collects the offers of customers. A unit is a distinct list of offers, shared by all customers with these offers. */
export class UnitWriter {
  /** Unit of each customer; -1 without offers. */
  readonly unit: Int32Array;
  readonly #items: OfferedItems;
  readonly #start = [0];
  readonly #rows: Omit<Record<keyof OfferResults, number[]>, 'unit' | 'start' | 'reasons' | 'arms'> = {
    ...{ product: [], campaign: [], value: [], probability: [], reason: [], arm: [] },
  };
  /** Unit + 1 of the list with a single offer, by entry and arm. For a large bank, an array is faster than a map. */
  #single = new Uint32Array(0);
  #lists: OfferLists | undefined;
  #variant = 0;

  constructor(items: OfferedItems, customers: number) {
    this.#items = items;
    this.unit = new Int32Array(customers).fill(-1);
  }

  /** Starts the offers of a variant, whose entries are in `lists`. */
  begin(lists: OfferLists, variant: number): void {
    this.#lists = lists;
    this.#variant = variant;
    this.#single = new Uint32Array(lists.item.length * 2);
  }

  /** Adds a list of offers, if it is new. @returns number of its unit; -1 without offers */
  add(entries: readonly number[], arm: number): number {
    if (entries.length === 0) return -1;
    if (entries.length > 1) return this.#write(entries, arm);
    const key = entries[0]! * 2 + arm;
    if (this.#single[key] === 0) this.#single[key] = this.#write(entries, arm) + 1;
    return this.#single[key]! - 1;
  }

  #write(entries: readonly number[], arm: number): number {
    const { value, probability } = this.#lists!;
    const worth = (e: number) => value[e]! * probability[e]!;
    const sorted = entries.length === 1 ? entries : entries.toSorted((a, b) => worth(b) - worth(a) || a - b);
    for (const e of sorted) this.#writeOffer(e, arm);
    return this.#start.push(this.#rows.product.length) - 2;
  }

  #writeOffer(e: number, arm: number): void {
    const { item, value, probability, reason } = this.#lists!;
    const rows = this.#rows;
    const { product, campaign } = this.#items.items[item[e]!]!;
    rows.product.push(product);
    rows.campaign.push(campaign);
    rows.value.push(value[e]!);
    rows.probability.push(probability[e]!);
    rows.reason.push(reason[e]!);
    rows.arm.push(this.#variant * 2 + arm);
  }

  finish(arms: readonly string[]): OfferResults {
    const { product, campaign, value, probability, reason, arm } = this.#rows;
    return {
      ...{ unit: this.unit, start: Uint32Array.from(this.#start), reasons: this.#lists!.reasons, arms },
      ...{ product: Int32Array.from(product), campaign: Uint8Array.from(campaign), value: Float32Array.from(value) },
      ...{ probability: Float32Array.from(probability), reason: Int32Array.from(reason), arm: Uint8Array.from(arm) },
    };
  }
}

/** Contacted customers of the classes with shares, class by class. */
class SharedMembers {
  readonly #starts: readonly number[];
  readonly #next: Uint32Array;
  /** Pairs (customer, order) as lower and upper half of 64-bit integers, which a typed array sorts natively. */
  readonly #pairs: Uint32Array<ArrayBuffer>;

  /** @param starts position of each class's first customer, and the end of the last class */
  constructor(starts: readonly number[]) {
    this.#starts = starts;
    this.#next = Uint32Array.from(starts);
    this.#pairs = new Uint32Array(starts.at(-1)! * 2);
  }

  add(number: number, customer: number, order: number): void {
    const at = this.#next[number]!++;
    this.#pairs[at * 2] = customer;
    this.#pairs[at * 2 + 1] = order;
  }

  /** Customers of a class, sorted by order and then by number. To be called after all customers are added. */
  *inOrder(number: number): Generator<number> {
    const [from, to] = [this.#starts[number]!, this.#starts[number + 1]!];
    new BigUint64Array(this.#pairs.buffer, from * 8, to - from).sort();
    for (let m = from; m < to; m++) yield this.#pairs[m * 2]!;
  }
}
