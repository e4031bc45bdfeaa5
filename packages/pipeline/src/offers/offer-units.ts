import type { Allocation } from '@basketwise/core';
import type { OfferResults } from '@basketwise/data';
import type { Arms } from './arms.ts';
import { type CustomerClasses, noClass } from './classes.ts';
import type { OfferedItems } from './items.ts';
import type { JoinedLists } from './joined-lists.ts';

/** In place of a unit: nothing is offered; not known yet; and of classes that are shared, from there down, their number among those. */
const [nothing, unknown, firstShared] = [-1, -2, -3];

/** Writes what each customer is made; customers of a class that is shared go by the order of their hashes. */
export function writeUnits(arms: Arms, classes: CustomerClasses, allocation: Allocation, units: UnitWriter): void {
  const { classOf, group } = classes;
  const { unit } = units;
  // of each class: of its offered customers, and of its control
  const ofClass = new Int32Array(group.length * 2);
  const shared: number[] = [];
  for (let of = 0; of < group.length; of++) {
    const isPlain = !allocation.isShared(of);
    const first = isPlain ? (allocation.isWithout(of) ? nothing : unknown) : firstShared + 1 - shared.push(of);
    ofClass[of * 2] = first;
    ofClass[of * 2 + 1] = first;
  }
  const starts = new Uint32Array(shared.length + 1);
  for (let customer = 0; customer < classOf.length; customer++) {
    const of = classOf[customer]!;
    if (of === noClass) continue;
    const arm = arms.control[customer]!;
    const at = of * 2 + arm;
    if (ofClass[at] === unknown) ofClass[at] = units.add(allocation.shares(of)[0]!.entries, arm);
    if (ofClass[at]! >= 0) unit[customer] = ofClass[at]!;
    else if (ofClass[at]! <= firstShared) starts[firstShared - ofClass[at]! + 1]!++;
  }
  for (let i = 0; i < shared.length; i++) starts[i + 1]! += starts[i]!;
  const members = membersOf(classes, { starts, numberOf: (of) => firstShared - ofClass[of * 2]!, order: arms.order });
  for (const [i, of] of shared.entries()) {
    const shares = allocation.shares(of);
    const numbers = [0, 1].map((arm) => shares.map(({ entries }) => units.add(entries, arm)));
    let [at, left] = [0, shares[0]!.customers];
    for (let m = starts[i]!; m < starts[i + 1]!; m++) {
      const customer = members(m);
      // somebody of the control is decided for as the next one to be contacted is
      const arm = arms.control[customer]!;
      while (left === 0 && at < shares.length - 1) left = shares[++at]!.customers;
      unit[customer] = numbers[arm]![at]!;
      if (arm === 0) left--;
    }
  }
}

/** Shared classes: where the customers of each begin, the number of a class (below 0: of none), and the order of customers. */
interface SharedClasses {
  starts: Uint32Array;
  numberOf(of: number): number;
  order: Uint32Array;
}

/** Customers of shared classes, class by class, by their order and then by number. */
function membersOf({ classOf }: CustomerClasses, { starts, numberOf, order }: SharedClasses): (m: number) => number {
  const next = starts.slice();
  // pairs of a customer and their order: the lower and the upper half of numbers that the engine sorts without a function
  const pairs = new Uint32Array(starts.at(-1)! * 2);
  for (let customer = 0; customer < classOf.length; customer++) {
    const of = classOf[customer]!;
    const number = of === noClass ? -1 : numberOf(of);
    if (number < 0) continue;
    const at = next[number]!++;
    pairs[at * 2] = customer;
    pairs[at * 2 + 1] = order[customer]!;
  }
  for (let i = 0; i + 1 < starts.length; i++) {
    new BigUint64Array(pairs.buffer, starts[i]! * 8, starts[i + 1]! - starts[i]!).sort();
  }
  return (m) => pairs[m * 2]!;
}

/** Collects what customers are made, each list of offers once. */
export class UnitWriter {
  /** Unit of each customer; -1: nothing is offered. */
  readonly unit: Int32Array;
  readonly #items: OfferedItems;
  readonly #start = [0];
  readonly #rows: Omit<Record<keyof OfferResults, number[]>, 'unit' | 'start' | 'reasons' | 'arms'> = {
    ...{ product: [], campaign: [], value: [], probability: [], reason: [], arm: [] },
  };
  /** Units of one offer, by entry and arm. */
  readonly #single = new Map<number, number>();
  #lists: JoinedLists | undefined;
  #variant = 0;

  constructor(items: OfferedItems, customers: number) {
    this.#items = items;
    this.unit = new Int32Array(customers).fill(-1);
  }

  /** Begins a variant. */
  begin(lists: JoinedLists, variant: number): void {
    this.#lists = lists;
    this.#variant = variant;
    this.#single.clear();
  }

  /** @returns number of the unit; -1 where nothing is offered */
  add(entries: readonly number[], arm: number): number {
    if (entries.length === 0) return -1;
    if (entries.length > 1) return this.#write(entries, arm);
    const key = entries[0]! * 2 + arm;
    const known = this.#single.get(key);
    if (known !== undefined) return known;
    const unit = this.#write(entries, arm);
    this.#single.set(key, unit);
    return unit;
  }

  #write(entries: readonly number[], arm: number): number {
    const { item, value, probability, reason } = this.#lists!;
    const rows = this.#rows;
    for (const e of entries.toSorted((a, b) => value[b]! * probability[b]! - value[a]! * probability[a]! || a - b)) {
      const { product, campaign } = this.#items.items[item[e]!]!;
      rows.product.push(product);
      rows.campaign.push(campaign);
      rows.value.push(value[e]!);
      rows.probability.push(probability[e]!);
      rows.reason.push(reason[e]!);
      rows.arm.push(this.#variant * 2 + arm);
    }
    return this.#start.push(rows.product.length) - 2;
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
