import { none } from '../generated/layouts.ts';
import { Allocation } from './allocation.ts';
import type { OfferDemand } from './demand.ts';
import type { OfferProblem } from './offer-problem.ts';

/** Another choice of a class than the one that is best at the prices. */
interface Option {
  of: number;
  entries: readonly number[];
  /** Worth less prices that it has less than the best, of one customer. */
  loss: number;
  /** Capacities that it uses more of, or less. */
  changes: readonly { g: number; by: number }[];
}

/** Some options taken: what is used then, and what was lost. */
interface State {
  used: Float64Array;
  loss: number;
  /** Loss, with what limits that are not kept or not used up cost. */
  cost: number;
  taken: { option: Option; customers: number; before: State['taken'] } | null;
}

/** Options that are looked at, cheapest first. */
const mostOptions = 800;
/** Sets of a class of which all are looked at. */
const mostSets = 256;
/** Costs of an offer above or below a limit during a search, as shares of the greatest worth: one search each. */
const penalties = [1, 1 / 8, 1 / 64];
/** Customers of a class who take an option at once, at most. */
const mostTogether = 8;

/**
 * Whole offers for problems of a few thousand classes: all classes as they choose at the prices, and of those that hardly lose by it some otherwise, so
 * that all limits are kept. With l(S) what a choice loses against the best at the prices p, a solution is worth
 *   bound - sum of l - sum of p x (most - used) where p > 0 - sum of -p x (used - least) where p < 0
 * so that the fewest losses are looked for, by a beam search over the options that lose least.
 * @param known a solution, of which classes of the control alone keep what they are made
 * @param gap what is lost at most: by how much the bound is above a solution that is known
 * @param width states that are kept from one option to the next
 * @returns null where no solution was met
 */
export async function settle(
  problem: OfferProblem,
  demand: OfferDemand,
  prices: Float64Array,
  { known, gap, width }: { known: Allocation; gap: number; width: number },
): Promise<Allocation | null> {
  const free = { ...problem, capacities: problem.capacities.map((one) => ({ ...one, most: Number.POSITIVE_INFINITY })) };
  const start = new Allocation(free, demand.cells);
  start.price(prices);
  const { chosen } = await demand.choices(prices);
  const most = problem.perCustomer;
  for (let of = 0; of < problem.offered.length; of++) {
    const entries = [...chosen.subarray(of * most, (of + 1) * most)].filter((entry) => entry !== none);
    if (entries.length > 0) start.change(of, start.shares(of)[0]!, entries, start.customers(of));
  }
  const options = optionsOf(start, gap);
  let found: State | null = null;
  for (const penalty of penalties) {
    const other = search(problem, start.used, prices, options, { penalty, width });
    if (other !== null && (found === null || other.cost < found.cost)) found = other;
  }
  if (found === null) return null;
  const allocation = new Allocation(problem, demand.cells);
  const changed = new Map<number, { option: Option; customers: number }[]>();
  for (let taken = found.taken; taken !== null; taken = taken.before) {
    changed.set(taken.option.of, [...(changed.get(taken.option.of) ?? []), taken]);
  }
  for (let of = 0; of < problem.offered.length; of++) {
    if (allocation.isControl(of)) {
      allocation.copy(of, known);
      continue;
    }
    const [share] = start.shares(of);
    const others = changed.get(of) ?? [];
    const rest = share!.customers - others.reduce((sum, { customers }) => sum + customers, 0);
    const none: readonly number[] = [];
    const given = [{ entries: share!.entries, customers: rest }, ...others.map((one) => ({ ...one.option, ...one }))];
    let left = share!.customers;
    for (const { entries, customers } of given) {
      if (entries.length > 0 && customers > 0) allocation.change(of, { entries: none, customers: left }, entries, customers);
      left -= entries.length > 0 ? customers : 0;
    }
  }
  return allocation;
}

/** The options of all classes that lose least, and no more than `gap`. */
function optionsOf(start: Allocation, gap: number): Option[] {
  const { problem, best, prices } = start;
  const options: Option[] = [];
  for (let of = 0; of < problem.offered.length; of++) {
    if (start.isControl(of)) continue;
    const [share] = start.shares(of);
    const top = best.choose(of, prices);
    const sets = best.setsWithin(of, prices, gap, mostSets) ?? nearSets(start, of, share!.entries);
    const seen = new Set([key(share!.entries)]);
    for (const { entries, value } of sets) {
      if (seen.has(key(entries)) || !Number.isFinite(value)) continue;
      seen.add(key(entries));
      const changes = start.changes(of, entries, share!.entries);
      if (changes.length > 0) options.push({ of, entries, loss: Math.max(0, top - value), changes });
    }
  }
  options.sort((a, b) => a.loss - b.loss || a.of - b.of);
  return options.slice(0, mostOptions);
}

/** Sets of a class that differ from what it chose in an offer or two. */
function nearSets({ problem, best, prices }: Allocation, of: number, chosen: readonly number[]) {
  const sets: { entries: number[]; value: number }[] = [];
  const add = (value: number) => void sets.push({ entries: [...best.chosen], value });
  for (const forced of [...best.candidates(of)]) {
    if (chosen.includes(forced) || problem.worth[forced] === 0) continue;
    add(best.choose(of, prices, { forced }));
    for (const entry of chosen) add(best.choose(of, prices, { forced, without: new Set([entry]) }));
  }
  for (const entry of chosen) add(best.choose(of, prices, { without: new Set([entry]) }));
  if (chosen.length > 1) add(best.choose(of, prices, { without: new Set(chosen) }));
  return sets;
}

function key(entries: readonly number[]): string {
  return [...entries].sort((a, b) => a - b).join();
}

function search(
  problem: OfferProblem,
  used: Float64Array,
  prices: Float64Array,
  options: readonly Option[],
  { penalty, width }: { penalty: number; width: number },
): State | null {
  const costs = new LimitCosts(problem, prices, penalty);
  let states: State[] = [{ used, loss: 0, cost: costs.all(used), taken: null }];
  const byClass = new Map<number, Option[]>();
  for (const option of options) byClass.set(option.of, [...(byClass.get(option.of) ?? []), option]);
  for (const [of, some] of byClass) {
    // whatever takes an option costs what it loses at least
    const best = states.find(({ used: now }) => costs.keeps(now));
    if (best && best.cost <= some[0]!.loss) break;
    for (const option of some) states = extend(costs, states, option, problem.offered[of]!).slice(0, width);
  }
  return states.find((state) => costs.keeps(state.used)) ?? null;
}

/** The states with an option taken by as many customers of its class as are left, or by none: the cheapest of each use, and of those the cheapest. */
function extend(costs: LimitCosts, states: readonly State[], option: Option, offered: number): State[] {
  const next = new Map<string, State>();
  const keep = (state: State) => {
    const name = state.used.join();
    const other = next.get(name);
    if (!other || state.cost < other.cost) next.set(name, state);
  };
  for (const state of states) {
    keep(state);
    let left = offered;
    for (let { taken } = state; taken?.option.of === option.of; taken = taken.before) left -= taken.customers;
    for (let customers = 1; customers <= Math.min(left, mostTogether); customers++) keep(take(costs, state, option, customers));
  }
  return [...next.values()].sort((a, b) => a.cost - b.cost);
}

function take(costs: LimitCosts, state: State, option: Option, customers: number): State {
  const used = state.used.slice();
  let cost = state.cost + option.loss * customers;
  for (const { g, by } of option.changes) {
    cost -= costs.of(g, used[g]!);
    used[g]! += by * customers;
    cost += costs.of(g, used[g]!);
  }
  return { used, loss: state.loss + option.loss * customers, cost, taken: { option, customers, before: state.taken } };
}

/** Cost of limits that are not kept, and of those with a price that are not used up. */
class LimitCosts {
  readonly #capacities: OfferProblem['capacities'];
  readonly #prices: Float64Array;
  readonly #broken: number;

  constructor({ capacities, worth }: OfferProblem, prices: Float64Array, penalty: number) {
    this.#capacities = capacities;
    this.#prices = prices;
    this.#broken = penalty * worth.reduce((most, value) => Math.max(most, value), 0);
  }

  of(g: number, used: number): number {
    const { most, least } = this.#capacities[g]!;
    const price = this.#prices[g]!;
    if (used > most) return (used - most) * (Math.max(0, price) + this.#broken);
    if (used < least) return (least - used) * (Math.max(0, -price) + this.#broken);
    return price > 0 ? price * (most - used) : -price * (used - least);
  }

  all(used: Float64Array): number {
    return this.#capacities.reduce((sum, _, g) => sum + this.of(g, used[g]!), 0);
  }

  keeps(used: Float64Array): boolean {
    return this.#capacities.every(({ most, least }, g) => used[g]! <= most && used[g]! >= least);
  }
}
