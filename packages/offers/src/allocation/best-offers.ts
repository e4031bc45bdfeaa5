import { mostVisits } from '@basketwise/core';
import type { OfferProblem } from './offer-problem.ts';

/** Exceptions from the usual choice: entries that are excluded, forced, or priced differently. */
interface Exceptions {
  /** Entries that must not be chosen. */
  without?: ReadonlySet<number>;
  /** Entries that cost `priced` instead of `prices`. They are available even where `prices` is infinite. */
  held?: readonly number[];
  /** Prices of the held entries, f64[groups x items]. Absent: 0. */
  priced?: Float64Array;
  /** Entry that must be chosen at any price. */
  forced?: number;
}

/** Best offers of one class at given shadow prices, by the same search as the kernel (assembly/offers/offers.ts). */
export class BestOffers {
  /** Entries of the last choice, sorted by falling reduced value. */
  readonly chosen: number[] = [];
  readonly #problem: OfferProblem;
  readonly #net: number[] = [];
  readonly #entry: number[] = [];
  readonly #sum: number[] = [];

  constructor(problem: OfferProblem) {
    this.#problem = problem;
  }

  /**
   * Chooses the offers with the greatest total reduced value for a class.
   * @param prices f64[groups x items]; infinite means unavailable
   * @returns sum of the reduced values
   */
  choose(classIndex: number, prices: Float64Array, exceptions: Exceptions = {}): number {
    this.#collect(classIndex, prices, exceptions);
    return this.#search(exceptions.forced === undefined ? 0 : 1);
  }

  /** Whether an item is in its cool-off period for a class. */
  rests(classIndex: number, item: number): boolean {
    const { rest, restStart, restItem } = this.#problem;
    const set = rest[classIndex]!;
    for (let i = restStart[set]!; i < restStart[set + 1]!; i++) if (restItem[i] === item) return true;
    return false;
  }

  /** Entries of a class outside their cool-off period, in the order of its lists. */
  *candidates(classIndex: number): Generator<number> {
    const { list, width, start, item } = this.#problem;
    for (let l = classIndex * width; l < (classIndex + 1) * width; l++) {
      for (let e = start[list[l]!]!; e < start[list[l]! + 1]!; e++) if (!this.rests(classIndex, item[e]!)) yield e;
    }
  }

  #collect(classIndex: number, prices: Float64Array, { without, held, priced, forced }: Exceptions): void {
    const { item, worth, group, items, list, width, start, rest, perCustomer } = this.#problem;
    const line = group[classIndex]! * items.length;
    const [net, entry] = [this.#net, this.#entry];
    const most = perCustomer === 1 ? 1 : Number.POSITIVE_INFINITY;
    const netOf = (e: number) => {
      const cell = line + item[e]!;
      return worth[e]! - (held?.includes(e) ? (priced?.[cell] ?? 0) : prices[cell]!);
    };
    let count = 0;
    for (let l = classIndex * width; l < (classIndex + 1) * width; l++) {
      for (let e = start[list[l]!]!, end = start[list[l]! + 1]!; e < end; e++) {
        const value = netOf(e);
        if (e === forced || !(worth[e]! > 0) || !(value > 0) || (count === most && value <= net[count - 1]!)) continue;
        if (without?.has(e) || (rest[classIndex] !== 0 && this.rests(classIndex, item[e]!))) continue;
        let at = count === most ? count - 1 : count++;
        for (; at > 0 && net[at - 1]! < value; at--) {
          net[at] = net[at - 1]!;
          entry[at] = entry[at - 1]!;
        }
        net[at] = value;
        entry[at] = e;
      }
    }
    net.length = entry.length = count;
    if (forced === undefined) return;
    net.unshift(netOf(forced));
    entry.unshift(forced);
  }

  /** Searches the best set, like the kernel. The first `fixed` candidates are in every set. */
  #search(fixed: number): number {
    const [net, sum, { perCustomer: most }] = [this.#net, this.#sum, this.#problem];
    sum[0] = 0;
    for (let i = 0; i < net.length; i++) sum[i + 1] = sum[i]! + net[i]!;
    const path: number[] = [];
    const value = [0];
    let best: number[] = [];
    let bestSum = fixed > 0 ? Number.NEGATIVE_INFINITY : 0;
    let [i, visits, refused] = [0, 0, 0];
    const take = () => {
      this.chosen.length = 0;
      for (const place of best) this.chosen.push(this.#entry[place]!);
      return bestSum;
    };
    while (true) {
      const depth = path.length;
      const rest = sum[Math.min(net.length, i + most - depth)]! - sum[Math.min(i, net.length)]!;
      if (depth < most && i < net.length && value[depth]! + rest > bestSum) {
        if (++visits > mostVisits) return take();
        const why = this.#refusal(path, i);
        refused |= why;
        if (why === 0) {
          path.push(i);
          value[depth + 1] = value[depth]! + net[i]!;
          if (value[depth + 1]! > bestSum) {
            bestSum = value[depth + 1]!;
            best = path.slice();
          }
        }
        i++;
      } else {
        if ((fixed === 0 && refused < 3) || depth <= fixed) return take();
        i = path.pop()! + 1;
      }
    }
  }

  #refusal(path: readonly number[], a: number): number {
    const { item, items, perCampaign } = this.#problem;
    const mine = items[item[this.#entry[a]!]!]!;
    let left = perCampaign[mine.campaign]!;
    for (const taken of path) {
      const chosenItem = items[item[this.#entry[taken]!]!]!;
      if (chosenItem.product === mine.product) return 2;
      if ((chosenItem.together & mine.together) !== 0) return 4;
      if (chosenItem.campaign === mine.campaign && --left === 0) return 1;
    }
    return 0;
  }
}
