import { type Allocation, type OfferShare, sameEntries } from './allocation.ts';

/** Move: a change of the offers of some customers of a class. */
interface OfferMove {
  classIndex: number;
  share: OfferShare;
  entries: readonly number[];
  /** Value lost per customer. */
  loss: number;
}

/** Move by which a contacted customer gives up an offer, and the moves of the control customers with a smaller loss. */
interface Giver extends OfferMove {
  ahead: readonly OfferMove[];
}

/**
 * Greatest number of classes for which the cheapest moves are searched again after each move. Greatest number of stored moves for
 * problems with more classes.
 */
const [mostSearched, mostGivers] = [4_000, 1_000];

/**
 * Moves customers until minimums are reached. The customers with the least loss get the offers that the minimum lacks.
 * If such an offer also counts in a used-up capacity, the customer with the least loss gives up an offer of that capacity.
 */
export class Exchange {
  readonly #allocation: Allocation;
  readonly #classes: number;
  /** For each used-up capacity, the move that gives up one of its offers at the least loss; null for none. */
  readonly #givers = new Map<number, Giver | null>();
  /** For problems with many classes: moves that give up an offer of each used-up capacity, by ascending loss. */
  readonly #queues = new Map<number, OfferMove[]>();
  readonly #priced: Float64Array;

  /** Shadow prices of the capacities. With many classes, they estimate the loss of giving up an offer. */
  readonly #asked: Float64Array;

  constructor(allocation: Allocation, asked: Float64Array) {
    this.#asked = asked;
    this.#allocation = allocation;
    this.#classes = allocation.problem.offered.length;
    this.#priced = new Float64Array(allocation.prices.length);
    allocation.price(new Float64Array(allocation.used.length));
  }

  /** Makes more offers of a capacity until its minimum is reached, or no customer can get one. */
  reach(g: number): void {
    const { used, problem } = this.#allocation;
    const minimum = problem.capacities[g]!.least;
    while (used[g]! < minimum) {
      const before = used[g]!;
      this.#givers.clear();
      this.#queues.clear();
      const moves = this.#movesTo(g);
      for (const { classIndex, share, entries } of moves) {
        if (used[g]! >= minimum) break;
        const now = this.#shareOf({ classIndex, share });
        if (now) this.#perform(classIndex, now, entries, minimum - used[g]!, g);
      }
      if (used[g] === before) return;
    }
  }

  /** Moves that give a capacity one more offer, by ascending loss. */
  #movesTo(g: number): OfferMove[] {
    const { best, problem } = this.#allocation;
    this.#priceGivers(g);
    const groups = new Set(problem.capacities[g]!.groups);
    const moves: OfferMove[] = [];
    for (let classIndex = 0; classIndex < this.#classes; classIndex++) {
      if (!groups.has(problem.group[classIndex]!)) continue;
      for (const share of this.#shares(classIndex)) {
        for (const forced of [...best.candidates(classIndex)]) {
          if (
            share.entries.includes(forced) ||
            this.#allocation.countIn(classIndex, [forced], g) === 0 ||
            problem.worth[forced] === 0
          )
            continue;
          const value = best.choose(classIndex, this.#priced, { held: share.entries, forced });
          const entries = [...best.chosen];
          if (this.#allocation.countIn(classIndex, entries, g) <= this.#allocation.countIn(classIndex, share.entries, g))
            continue;
          const loss = this.#allocation.worth(share.entries) - value;
          if (Number.isFinite(loss)) moves.push({ classIndex, share, entries, loss });
        }
      }
    }
    return moves.sort((a, b) => a.loss - b.loss || a.classIndex - b.classIndex);
  }

  /** Sets the price of each used-up capacity to the least loss of a customer who gives up one of its offers. */
  #priceGivers(reaching: number): void {
    const { problem, used, cells } = this.#allocation;
    const losses = new Float64Array(used.length);
    for (const [g, { most }] of problem.capacities.entries()) {
      if (used[g]! < most) continue;
      if (this.#classes > mostSearched) {
        losses[g] = Math.max(0, this.#asked[g]!);
        continue;
      }
      if (!this.#givers.has(g)) this.#givers.set(g, this.#giverOf(g, reaching));
      losses[g] = this.#givers.get(g)?.loss ?? Number.POSITIVE_INFINITY;
    }
    for (let cell = 0; cell < this.#priced.length; cell++) {
      let sum = 0;
      for (let i = cells.start[cell]!; i < cells.start[cell + 1]!; i++) sum += losses[cells.capacity[i]!]!;
      this.#priced[cell] = sum;
    }
  }

  /** Move that gives up an offer of a capacity at the least loss; null for none. */
  #giverOf(g: number, reaching: number): Giver | null {
    const isSearched = this.#classes <= mostSearched;
    const queue = (isSearched ? undefined : this.#queues.get(g)) ?? this.#giversOf(g, reaching);
    if (!isSearched) this.#queues.set(g, queue);
    const ahead: OfferMove[] = [];
    for (const [at, move] of queue.entries()) {
      const share = this.#shareOf(move);
      if (!share || this.#allocation.room(move.classIndex, move.entries, 1, share.entries) === 0) continue;
      if (this.#allocation.isControl(move.classIndex)) {
        ahead.push(move);
        continue;
      }
      // Removes the earlier moves of contacted customers, which are already made or find no room. Moves of control customers stay.
      if (!isSearched) queue.splice(0, at, ...ahead);
      return { ...move, share, ahead };
    }
    queue.length = 0;
    return null;
  }

  /** Moves that give up an offer of a capacity, by ascending loss. */
  #giversOf(g: number, reaching: number): OfferMove[] {
    const { best, prices, problem } = this.#allocation;
    const groups = new Set(problem.capacities[g]!.groups);
    const cheapest: OfferMove[] = [];
    for (let classIndex = 0; classIndex < this.#classes; classIndex++) {
      if (!groups.has(problem.group[classIndex]!)) continue;
      for (const share of this.#shares(classIndex)) {
        const counted = share.entries.filter((entry) => this.#allocation.countIn(classIndex, [entry], g) > 0);
        if (counted.length === 0) continue;
        if (this.#allocation.countIn(classIndex, share.entries, reaching) > 0) continue;
        const without = new Set(
          [...best.candidates(classIndex)].filter((entry) => this.#allocation.countIn(classIndex, [entry], g) > 0),
        );
        for (const kept of counted.slice(1)) without.delete(kept);
        best.choose(classIndex, prices, { held: share.entries, without });
        const entries = [...best.chosen];
        const loss = this.#allocation.worth(share.entries) - this.#allocation.worth(entries);
        if (this.#allocation.room(classIndex, entries, 1, share.entries) > 0) cheapest.push({ classIndex, share, entries, loss });
      }
    }
    let contacted = 0;
    return cheapest
      .sort((a, b) => a.loss - b.loss || a.classIndex - b.classIndex)
      .filter(({ classIndex }) => contacted < mostGivers && (this.#allocation.isControl(classIndex) || ++contacted > 0));
  }

  /**
   * Replaces the offers of some customers of a share. If a capacity is used up, the customers with the least loss give up its offers.
   * A control customer gets the new offers if a contacted customer in the same class would, but no customer gives up offers for it.
   * If a contacted customer gives up an offer, the control customers with a smaller loss give up theirs, too.
   */
  #perform(classIndex: number, share: OfferShare, entries: readonly number[], customers: number, reaching: number): void {
    const allocation = this.#allocation;
    const isControl = allocation.isControl(classIndex);
    const undo: (() => void)[] = [];
    const ahead: OfferMove[] = [];
    let n = isControl ? 1 : Math.min(customers, share.customers);
    for (const [g, { most }] of allocation.problem.capacities.entries()) {
      const more = allocation.countIn(classIndex, entries, g) - allocation.countIn(classIndex, share.entries, g);
      if (more <= 0 || allocation.used[g]! + more <= most) continue;
      const giver = this.#giverOf(g, reaching);
      if (giver === null || (giver.classIndex === classIndex && sameEntries(giver.share.entries, share.entries))) break;
      n = Math.min(
        n,
        giver.share.customers,
        allocation.room(giver.classIndex, giver.entries, giver.share.customers, giver.share.entries),
      );
      allocation.change(giver.classIndex, giver.share, giver.entries, n);
      ahead.push(...giver.ahead);
      undo.push(() => allocation.change(giver.classIndex, { ...giver.share, entries: giver.entries }, giver.share.entries, n));
    }
    const now = this.#shareOf({ classIndex, share });
    const room = now ? Math.min(n, allocation.room(classIndex, entries, Math.min(n, now.customers), share.entries)) : 0;
    this.#givers.clear();
    const isDone = now !== undefined && room > 0 && (room === n || undo.length === 0);
    if (isControl || !isDone) for (const back of undo.toReversed()) back();
    if (!isDone) return;
    allocation.change(classIndex, now, entries, isControl ? now.customers : room);
    if (isControl) return;
    for (const move of ahead) {
      const given = this.#shareOf(move);
      if (given) allocation.change(move.classIndex, given, move.entries, given.customers);
    }
  }

  /** Share of a class whose offers a move changes. Undefined if no customer has these offers any more. */
  #shareOf({ classIndex, share }: Pick<OfferMove, 'classIndex' | 'share'>): OfferShare | undefined {
    return this.#shares(classIndex).find(({ entries }) => sameEntries(entries, share.entries));
  }

  #shares(classIndex: number): OfferShare[] {
    return this.#allocation.shares(classIndex).filter(({ customers }) => customers > 0);
  }
}
