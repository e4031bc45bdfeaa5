import { none, required } from '@basketwise/core';
import { BestOffers } from './best-offers.ts';
import { cellPrices, type OfferCells, type OfferProblem } from './offer-problem.ts';

/** Share of a class: some of its customers, who all get the same offers. */
export interface OfferShare {
  customers: number;
  /** List entries that are offered, by falling reduced value (value minus shadow prices). */
  entries: readonly number[];
}

/**
 * Offers of all customers. In most classes, all customers have the same offers. Some classes are divided into shares with different
 * offers.
 * A class with only control customers is decided like a class of contacted customers. Its offers are made only if each of their
 * capacities has room for one more customer, and they use no capacity.
 */
export class Allocation {
  readonly problem: OfferProblem;
  readonly cells: OfferCells;
  /** Number of offers counted by each capacity. */
  readonly used: Float64Array;
  /** Shadow prices set by `price`, f64[groups x items]; infinite for pairs of group and item with a used-up capacity. */
  readonly prices: Float64Array;
  readonly best: BestOffers;
  /** Offered entries of each class that is not divided into shares, u32[classes x perCustomer]. */
  readonly #chosen: Uint32Array;
  readonly #shares = new Map<number, OfferShare[]>();
  /** Flag of each class, u8[classes]: 1 if it is divided into shares. */
  readonly #isShared: Uint8Array;
  /** Class that took the last offer of each capacity; -1 for none. */
  readonly #lastOf: Int32Array;
  readonly #base: Float64Array;

  constructor(problem: OfferProblem, cells: OfferCells) {
    this.problem = problem;
    this.cells = cells;
    this.used = new Float64Array(problem.capacities.length);
    this.prices = new Float64Array(problem.groups * problem.items.length);
    this.#base = new Float64Array(this.prices.length);
    this.#chosen = new Uint32Array(problem.offered.length * problem.perCustomer).fill(none);
    this.#isShared = new Uint8Array(problem.offered.length);
    this.#lastOf = new Int32Array(problem.capacities.length).fill(-1);
    this.best = new BestOffers(problem);
  }

  /** Whether all customers of a class are in the control. */
  isControl(classIndex: number): boolean {
    return this.problem.offered[classIndex] === 0;
  }

  /** Number of contacted customers of a class. If it has none, number of its control customers. */
  customers(classIndex: number): number {
    return this.problem.offered[classIndex]! || this.problem.control[classIndex]!;
  }

  /** Shares of a class, each with its offers. The numbers of customers of the shares sum to `customers` of the class. */
  shares(classIndex: number): readonly OfferShare[] {
    if (this.isShared(classIndex)) return required(this.#shares, classIndex);
    return [{ customers: this.customers(classIndex), entries: this.made(classIndex) }];
  }

  /**
   * Shares by which the control customers of a class are decided: the same shares as the contacted customers of the class.
   * If the class took the last offer of a capacity, the control gets the best offers that one more customer would get.
   */
  controlShares(classIndex: number): readonly OfferShare[] {
    if (this.isControl(classIndex)) return this.shares(classIndex);
    const last = new Set([...this.#lastOf.keys()].filter((g) => this.#isLast(classIndex, g)));
    if (last.size === 0) return this.shares(classIndex);
    const isLeft = (entry: number) => ![...last].some((g) => this.#countsIn(this.cellOf(classIndex, entry), g));
    const most = this.shares(classIndex).reduce((one, other) => (other.entries.length > one.entries.length ? other : one));
    this.best.choose(classIndex, this.prices, { held: most.entries.filter(isLeft) });
    return [...this.shares(classIndex), { customers: 1, entries: [...this.best.chosen] }];
  }

  /** Offered entries of a class that is not divided into shares. */
  made(classIndex: number): number[] {
    const most = this.problem.perCustomer;
    const entries: number[] = [];
    for (let i = classIndex * most; i < (classIndex + 1) * most && this.#chosen[i] !== none; i++) entries.push(this.#chosen[i]!);
    return entries;
  }

  /** Flag of each class, u8[classes]: 1 if no customer of the class has an offer. */
  without(): Uint8Array {
    const isWithout = new Uint8Array(this.problem.offered.length);
    for (let classIndex = 0, most = this.problem.perCustomer; classIndex < isWithout.length; classIndex++) {
      isWithout[classIndex] = !this.isShared(classIndex) && this.#chosen[classIndex * most] === none ? 1 : 0;
    }
    return isWithout;
  }

  /** Whether a class is divided into shares with different offers. */
  isShared(classIndex: number): boolean {
    return this.#isShared[classIndex] === 1;
  }

  /** Sets the shadow prices. The price of a pair of group and item with a used-up capacity stays infinite. */
  price(prices: Float64Array): void {
    cellPrices(this.cells, prices, this.#base);
    this.prices.set(this.#base);
    for (const [g, { most }] of this.problem.capacities.entries()) if (this.used[g]! >= most) this.#close(g);
  }

  /** Position in `prices` of the pair (group of a class, item of an entry). */
  cellOf(classIndex: number, entry: number): number {
    const { group, items, item } = this.problem;
    return group[classIndex]! * items.length + item[entry]!;
  }

  /** Number of `entries` of a class that a capacity counts. */
  countIn(classIndex: number, entries: readonly number[], capacity: number): number {
    return entries.filter((entry) => this.#countsIn(this.cellOf(classIndex, entry), capacity)).length;
  }

  /** Total value of one offer of each entry. */
  worth(entries: readonly number[]): number {
    return entries.reduce((sum, entry) => sum + this.problem.worth[entry]!, 0);
  }

  /** Total reduced value of some entries. @param priced shadow prices, f64[groups x items] */
  netOf(classIndex: number, entries: readonly number[], priced: Float64Array): number {
    let sum = 0;
    for (const entry of entries) sum += this.problem.worth[entry]! - priced[this.cellOf(classIndex, entry)]!;
    return sum;
  }

  /** Total reduced value of the entries at positions `from` to `to` of an array, at shadow prices `priced`. */
  net(classIndex: number, entries: Uint32Array, from: number, to: number, priced: Float64Array): number {
    let sum = 0;
    for (let i = from; i < to && entries[i] !== none; i++)
      sum += this.problem.worth[entries[i]!]! - priced[this.cellOf(classIndex, entries[i]!)]!;
    return sum;
  }

  /** Whether the choice of a class has an entry that is not offered to all its customers. @param chosen u32[classes x perCustomer] */
  isOther(classIndex: number, chosen: Uint32Array): boolean {
    const most = this.problem.perCustomer;
    const shared = this.isShared(classIndex);
    for (let i = classIndex * most; i < (classIndex + 1) * most && chosen[i] !== none; i++) {
      if (shared) return true;
      let at = classIndex * most;
      while (at < (classIndex + 1) * most && this.#chosen[at] !== chosen[i]) at++;
      if (at === (classIndex + 1) * most) return true;
    }
    return false;
  }

  /** Least reduced value among the offers of a class's customers. */
  leastNet(classIndex: number, priced: Float64Array): number {
    const most = this.problem.perCustomer;
    if (!this.isShared(classIndex)) return this.net(classIndex, this.#chosen, classIndex * most, (classIndex + 1) * most, priced);
    return required(this.#shares, classIndex).reduce(
      (low, { entries }) => Math.min(low, this.netOf(classIndex, entries, priced)),
      Number.POSITIVE_INFINITY,
    );
  }

  /**
   * Gives one offer to all customers of a class who have no offers yet. If a capacity lacks room for all of them, does nothing.
   * @returns whether there was room
   */
  take(classIndex: number, entry: number): boolean {
    const { capacities, offered, perCustomer } = this.problem;
    const { start, capacity } = this.cells;
    const cell = this.cellOf(classIndex, entry);
    const customers = offered[classIndex]!;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) {
      if (this.used[capacity[i]!]! + Math.max(1, customers) > capacities[capacity[i]!]!.most) return false;
    }
    this.#useOf(classIndex, cell, customers);
    this.#chosen[classIndex * perCustomer] = entry;
    return true;
  }

  /** Total value of all offers. */
  sum(): number {
    const { worth, offered, perCustomer: most } = this.problem;
    let sum = 0;
    for (let classIndex = 0; classIndex < offered.length; classIndex++) {
      const customers = offered[classIndex]!;
      let each = 0;
      for (let i = classIndex * most; i < (classIndex + 1) * most && this.#chosen[i] !== none; i++)
        each += worth[this.#chosen[i]!]!;
      if (each > 0 && !this.isShared(classIndex)) sum += customers * each;
    }
    for (const [classIndex, shares] of this.#shares) {
      if (this.isControl(classIndex)) continue;
      for (const { customers, entries } of shares) sum += customers * this.worth(entries);
    }
    return sum;
  }

  /** Change of each capacity's use if a customer of a class gets `entries` in place of `instead`. */
  changes(classIndex: number, entries: readonly number[], instead: readonly number[] = []): { g: number; by: number }[] {
    const changes = new Map<number, number>();
    const { start, capacity } = this.cells;
    const add = (list: readonly number[], by: number) => {
      for (const entry of list) {
        const cell = this.cellOf(classIndex, entry);
        for (let i = start[cell]!; i < start[cell + 1]!; i++) changes.set(capacity[i]!, (changes.get(capacity[i]!) ?? 0) + by);
      }
    };
    add(entries, 1);
    add(instead, -1);
    return [...changes].filter(([, by]) => by !== 0).map(([g, by]) => ({ g, by }));
  }

  /** Number of customers, at most `customers`, who can get some offers within the capacities if they give up the offers `instead`. */
  room(classIndex: number, entries: readonly number[], customers: number, instead: readonly number[] = []): number {
    if (this.isControl(classIndex)) return this.#room(classIndex, entries, 1, instead) * customers;
    return this.#room(classIndex, entries, customers, instead);
  }

  #room(classIndex: number, entries: readonly number[], customers: number, instead: readonly number[]): number {
    let room = customers;
    for (const { g, by: change } of this.changes(classIndex, entries, instead)) {
      const { most, least } = this.problem.capacities[g]!;
      if (change > 0) room = Math.min(room, Math.floor((most - this.used[g]!) / change));
      else if (change < 0 && instead.length > 0) room = Math.min(room, Math.floor(Math.max(0, this.used[g]! - least) / -change));
    }
    return Math.max(0, room);
  }

  /** Replaces the offers `from.entries` of some customers of a class by `entries`. */
  change(classIndex: number, from: OfferShare, entries: readonly number[], customers: number): void {
    if (!this.isControl(classIndex)) {
      this.#use(classIndex, from.entries, -customers);
      this.#use(classIndex, entries, customers);
    }
    if (this.customers(classIndex) === customers) {
      this.#keep(classIndex, [{ customers, entries }]);
      return;
    }
    const shares = this.shares(classIndex).map((share) => {
      return sameEntries(share.entries, from.entries) ? { ...share, customers: share.customers - customers } : share;
    });
    const joined = shares.find((share) => sameEntries(share.entries, entries));
    const next = joined
      ? shares.map((share) => (share === joined ? { ...share, customers: share.customers + customers } : share))
      : [...shares, { customers, entries }];
    this.#keep(
      classIndex,
      next.filter((share) => share.customers > 0),
    );
  }

  #keep(classIndex: number, shares: readonly OfferShare[]): void {
    const { perCustomer } = this.problem;
    if (shares.length !== 1 || shares[0]!.customers !== this.customers(classIndex)) {
      this.#shares.set(classIndex, [...shares]);
      this.#isShared[classIndex] = 1;
      return;
    }
    this.#chosen.fill(none, classIndex * perCustomer, (classIndex + 1) * perCustomer);
    this.#chosen.set(shares[0]!.entries, classIndex * perCustomer);
    this.#shares.delete(classIndex);
    this.#isShared[classIndex] = 0;
  }

  #countsIn(cell: number, g: number): boolean {
    const { start, capacity } = this.cells;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) if (capacity[i] === g) return true;
    return false;
  }

  #use(classIndex: number, entries: readonly number[], customers: number): void {
    if (customers === 0) return;
    for (const entry of entries) this.#useOf(classIndex, this.cellOf(classIndex, entry), customers);
  }

  /** Whether a class took the last offer of a capacity, and some of its customers still have it. */
  #isLast(classIndex: number, g: number): boolean {
    if (this.#lastOf[g] !== classIndex || this.used[g]! < this.problem.capacities[g]!.most) return false;
    return this.shares(classIndex).some(({ entries }) => this.countIn(classIndex, entries, g) > 0);
  }

  #useOf(classIndex: number, cell: number, customers: number): void {
    const { start, capacity } = this.cells;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) {
      const g = capacity[i]!;
      const { most } = this.problem.capacities[g]!;
      const was = this.used[g]!;
      this.used[g] = was + customers;
      if (customers > 0) this.#lastOf[g] = classIndex;
      if (was < most && this.used[g]! >= most) this.#close(g);
      else if (was >= most && this.used[g]! < most) this.#open(g);
    }
  }

  #close(g: number): void {
    this.#visit(g, (cell) => {
      this.prices[cell] = Number.POSITIVE_INFINITY;
    });
  }

  /** Reopens a capacity that has room again. Its offers become available if none of their other capacities is used up. */
  #open(g: number): void {
    const { start, capacity } = this.cells;
    this.#visit(g, (cell) => {
      for (let i = start[cell]!; i < start[cell + 1]!; i++) {
        if (this.used[capacity[i]!]! >= this.problem.capacities[capacity[i]!]!.most) return;
      }
      this.prices[cell] = this.#base[cell]!;
    });
  }

  #visit(g: number, visit: (cell: number) => void): void {
    const { items, groups } = this.problem.capacities[g]!;
    for (const group of groups) for (const item of items) visit(group * this.problem.items.length + item);
  }
}

/** Whether two lists have the same entries. */
export function sameEntries(first: readonly number[], second: readonly number[]): boolean {
  return first.length === second.length && first.every((entry) => second.includes(entry));
}
