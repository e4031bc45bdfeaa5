import { type Allocation, type OfferShare, sameEntries } from './allocation.ts';

/** Some customers of a class, and what they are to be made. */
interface OfferMove {
  of: number;
  share: OfferShare;
  entries: readonly number[];
  /** Worth that is lost with one customer. */
  loss: number;
}

/** The move of a contacted customer who gives an offer up, and the moves of control customers who would lose less by it. */
interface Giver extends OfferMove {
  ahead: readonly OfferMove[];
}

/** Classes of which those who give up an offer are looked for again after each move, and most of them that are kept. */
const [mostSearched, mostGivers] = [4_000, 1_000];

/**
 * Brings minimums within reach: customers are made an offer that counts there, those first who lose least by it; where it counts in a capacity that is used
 * up, too, whoever loses least is made something else.
 */
export class Exchange {
  readonly #allocation: Allocation;
  readonly #classes: number;
  /** Of each capacity that is used up, who would give one up at the least loss; null: nobody can. */
  readonly #givers = new Map<number, Giver | null>();
  /** The same where classes are many: found once a round. */
  readonly #queues = new Map<number, OfferMove[]>();
  readonly #priced: Float64Array;

  /** Cost of the capacities: of a large bank, what is taken for the loss of those who give up an offer. */
  readonly #asked: Float64Array;

  constructor(allocation: Allocation, asked: Float64Array) {
    this.#asked = asked;
    this.#allocation = allocation;
    this.#classes = allocation.problem.offered.length;
    this.#priced = new Float64Array(allocation.prices.length);
    allocation.price(new Float64Array(allocation.used.length));
  }

  /** Makes more offers of a capacity until it has its minimum, or nobody is left who can be made one. */
  reach(g: number): void {
    const { used, problem } = this.#allocation;
    const minimum = problem.capacities[g]!.least;
    while (used[g]! < minimum) {
      const before = used[g]!;
      this.#givers.clear();
      this.#queues.clear();
      const moves = this.#movesTo(g);
      for (const { of, share, entries } of moves) {
        if (used[g]! >= minimum) break;
        const now = this.#shareOf({ of, share });
        if (now) this.#perform(of, now, entries, minimum - used[g]!, g);
      }
      if (used[g] === before) return;
    }
  }

  /** Moves by which a capacity would get one more offer, cheapest first. */
  #movesTo(g: number): OfferMove[] {
    const { best, problem } = this.#allocation;
    this.#priceGivers(g);
    const groups = new Set(problem.capacities[g]!.groups);
    const moves: OfferMove[] = [];
    for (let of = 0; of < this.#classes; of++) {
      if (!groups.has(problem.group[of]!)) continue;
      for (const share of this.#shares(of)) {
        for (const forced of [...best.candidates(of)]) {
          if (share.entries.includes(forced) || this.#allocation.countIn(of, [forced], g) === 0 || problem.worth[forced] === 0)
            continue;
          const value = best.choose(of, this.#priced, { held: share.entries, forced });
          const entries = [...best.chosen];
          if (this.#allocation.countIn(of, entries, g) <= this.#allocation.countIn(of, share.entries, g)) continue;
          const loss = this.#allocation.worth(share.entries) - value;
          if (Number.isFinite(loss)) moves.push({ of, share, entries, loss });
        }
      }
    }
    return moves.sort((a, b) => a.loss - b.loss || a.of - b.of);
  }

  /** Prices of what is used up: the least loss of those who have it. */
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

  /** Who gives up an offer of a capacity at the least loss. */
  #giverOf(g: number, reaching: number): Giver | null {
    const isSearched = this.#classes <= mostSearched;
    const queue = (isSearched ? undefined : this.#queues.get(g)) ?? this.#giversOf(g, reaching);
    if (!isSearched) this.#queues.set(g, queue);
    const ahead: OfferMove[] = [];
    for (const [at, move] of queue.entries()) {
      const share = this.#shareOf(move);
      if (!share || this.#allocation.room(move.of, move.entries, 1, share.entries) === 0) continue;
      if (this.#allocation.isControl(move.of)) {
        ahead.push(move);
        continue;
      }
      // moves before it that are done, or find no room, are not looked at again
      if (!isSearched) queue.splice(0, at, ...ahead);
      return { ...move, share, ahead };
    }
    queue.length = 0;
    return null;
  }

  /** Those who would give up an offer of a capacity at the least loss, in this order. */
  #giversOf(g: number, reaching: number): OfferMove[] {
    const { best, prices, problem } = this.#allocation;
    const groups = new Set(problem.capacities[g]!.groups);
    const cheapest: OfferMove[] = [];
    for (let of = 0; of < this.#classes; of++) {
      if (!groups.has(problem.group[of]!)) continue;
      for (const share of this.#shares(of)) {
        const counted = share.entries.filter((entry) => this.#allocation.countIn(of, [entry], g) > 0);
        if (counted.length === 0) continue;
        if (this.#allocation.countIn(of, share.entries, reaching) > 0) continue;
        const without = new Set([...best.candidates(of)].filter((entry) => this.#allocation.countIn(of, [entry], g) > 0));
        for (const kept of counted.slice(1)) without.delete(kept);
        best.choose(of, prices, { held: share.entries, without });
        const entries = [...best.chosen];
        const loss = this.#allocation.worth(share.entries) - this.#allocation.worth(entries);
        if (this.#allocation.room(of, entries, 1, share.entries) > 0) cheapest.push({ of, share, entries, loss });
      }
    }
    let contacted = 0;
    return cheapest
      .sort((a, b) => a.loss - b.loss || a.of - b.of)
      .filter(({ of }) => contacted < mostGivers && (this.#allocation.isControl(of) || ++contacted > 0));
  }

  /**
   * Makes customers of a share other offers; offers of used-up capacities are taken from the customers who lose least by it. A control customer gets the other
   * offers where a contacted customer in their place would; nothing is then taken from others. Where contacted customers give an offer up, control customers
   * who would lose less by it give theirs up, too.
   */
  #perform(of: number, share: OfferShare, entries: readonly number[], customers: number, reaching: number): void {
    const allocation = this.#allocation;
    const isControl = allocation.isControl(of);
    const undo: (() => void)[] = [];
    const ahead: OfferMove[] = [];
    let n = isControl ? 1 : Math.min(customers, share.customers);
    for (const [g, { most }] of allocation.problem.capacities.entries()) {
      const more = allocation.countIn(of, entries, g) - allocation.countIn(of, share.entries, g);
      if (more <= 0 || allocation.used[g]! + more <= most) continue;
      const giver = this.#giverOf(g, reaching);
      if (giver === null || (giver.of === of && sameEntries(giver.share.entries, share.entries))) break;
      n = Math.min(
        n,
        giver.share.customers,
        allocation.room(giver.of, giver.entries, giver.share.customers, giver.share.entries),
      );
      allocation.change(giver.of, giver.share, giver.entries, n);
      ahead.push(...giver.ahead);
      undo.push(() => allocation.change(giver.of, { ...giver.share, entries: giver.entries }, giver.share.entries, n));
    }
    const now = this.#shareOf({ of, share });
    const room = now ? Math.min(n, allocation.room(of, entries, Math.min(n, now.customers), share.entries)) : 0;
    this.#givers.clear();
    const isDone = now !== undefined && room > 0 && (room === n || undo.length === 0);
    if (isControl || !isDone) for (const back of undo.toReversed()) back();
    if (!isDone) return;
    allocation.change(of, now, entries, isControl ? now.customers : room);
    if (isControl) return;
    for (const move of ahead) {
      const given = this.#shareOf(move);
      if (given) allocation.change(move.of, given, move.entries, given.customers);
    }
  }

  /** Customers of a class who are still made what a move takes from them. */
  #shareOf({ of, share }: Pick<OfferMove, 'of' | 'share'>): OfferShare | undefined {
    return this.#shares(of).find(({ entries }) => sameEntries(entries, share.entries));
  }

  #shares(of: number): OfferShare[] {
    return this.#allocation.shares(of).filter(({ customers }) => customers > 0);
  }
}
