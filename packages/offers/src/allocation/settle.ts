import { createRandom, none } from '@basketwise/core/parts';
import { Allocation } from './allocation.ts';
import type { OfferDemand } from './demand.ts';
import type { OfferProblem } from './offer-problem.ts';

/** Choice of a class other than the best one at the prices. */
interface Option {
  of: number;
  entries: readonly number[];
  /** Loss of reduced value against the best choice, per customer. */
  loss: number;
  /** Capacities whose use changes. */
  changes: readonly { g: number; by: number }[];
  /** Change of a state's `key` per customer. */
  step: number;
}

/** State of the search, from the options chosen so far: the use of capacities, and the cost. */
interface SearchState {
  used: Float64Array;
  /** Hash of `used`: a sum with random weights, an integer below 2^53. */
  key: number;
  /** Value lost, plus the cost of limits violated or not used up. */
  cost: number;
  taken: { option: Option; customers: number; before: SearchState['taken'] } | null;
}

/** Most options in the search, cheapest first. */
const mostOptions = 800;
/** Most sets of a class for a complete enumeration. */
const mostSets = 256;
/** Costs of an offer above or below a limit, as shares of the greatest value. Each cost has its own search. */
const penalties = [1, 1 / 8, 1 / 64];
/** Most customers of a class who take an option in one step. */
const mostTogether = 8;
/** Greatest weight of a capacity in the key of a state. Keys stay below 2^53 even if all customers take all options. */
const mostWeight = 2 ** 36;

/**
 * Finds whole offers for problems of a few thousand classes. All classes choose at the prices p; some with small losses choose
 * otherwise, so that all limits are met.
 * With the loss l of a choice against the best at the prices, the value of a solution is
 *   bound - sum of l - sum of p x (most - used) where p > 0 - sum of -p x (used - least) where p < 0
 * A beam search over the options with the least loss minimises the sum of losses.
 * The control takes an option if the next contacted class in the order of losses takes one with the same changes.
 * This rule depends only on prices and order, so that arms stay comparable.
 * @param gap greatest loss: the bound less the value of a known solution
 * @param width states that each step passes on to the next option
 * @returns null if it finds no solution
 */
export async function settle(
  problem: OfferProblem,
  demand: OfferDemand,
  prices: Float64Array,
  { gap, width }: { gap: number; width: number },
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
  let found: SearchState | null = null;
  for (const penalty of penalties) {
    const other = searchChoices(problem, start.used, prices, options.contacted, { penalty, width });
    if (other !== null && (found === null || other.cost < found.cost)) found = other;
  }
  return found === null ? null : allocateTaken(problem, start, options, found);
}

/** The allocation of a state of the search: the offers of `start`, except for classes that took options, and control classes like them. */
function allocateTaken(
  problem: OfferProblem,
  start: Allocation,
  options: { contacted: readonly Option[]; control: readonly Option[] },
  found: SearchState,
): Allocation {
  const allocation = new Allocation(problem, start.cells);
  const taken = new Map<Option, number>();
  const changed = new Map<number, { entries: readonly number[]; customers: number }[]>();
  for (let one = found.taken; one !== null; one = one.before) {
    const { option, customers } = one;
    taken.set(option, customers);
    changed.set(option.of, [...(changed.get(option.of) ?? []), { entries: option.entries, customers }]);
  }
  for (const { of, entries } of likeTaken(problem, options, taken))
    if (!changed.has(of)) changed.set(of, [{ entries, customers: allocation.customers(of) }]);
  for (let of = 0; of < problem.offered.length; of++) {
    const [share] = start.shares(of);
    const others = changed.get(of) ?? [];
    const rest = share!.customers - others.reduce((sum, { customers }) => sum + customers, 0);
    const given = [{ entries: share!.entries, customers: rest }, ...others];
    let left = share!.customers;
    for (const { entries, customers } of given) {
      if (entries.length > 0 && customers > 0) allocation.change(of, { entries: [], customers: left }, entries, customers);
      left -= entries.length > 0 ? customers : 0;
    }
  }
  return allocation;
}

/**
 * Options with a loss of at most `gap`, by ascending loss: the first `mostOptions` of contacted classes, and all of control
 * classes.
 */
function optionsOf(start: Allocation, gap: number): { contacted: Option[]; control: Option[] } {
  const { problem, best, prices } = start;
  const random = createRandom(1);
  const weights = problem.capacities.map(() => Math.floor(random.next() * mostWeight));
  const options: Option[] = [];
  for (let of = 0; of < problem.offered.length; of++) {
    const [share] = start.shares(of);
    const top = best.choose(of, prices);
    const sets = best.setsWithin(of, prices, gap, mostSets) ?? nearSets(start, of, share!.entries);
    const seen = new Set([keyOfEntries(share!.entries)]);
    for (const { entries, value } of sets) {
      if (seen.has(keyOfEntries(entries)) || !Number.isFinite(value)) continue;
      seen.add(keyOfEntries(entries));
      const changes = start.changes(of, entries, share!.entries);
      if (changes.length === 0) continue;
      const step = changes.reduce((sum, { g, by }) => sum + by * weights[g]!, 0);
      options.push({ of, entries, loss: Math.max(0, top - value), changes, step });
    }
  }
  options.sort(byLoss);
  const contacted = options.filter(({ of }) => !start.isControl(of)).slice(0, mostOptions);
  return { contacted, control: options.filter(({ of }) => start.isControl(of)) };
}

/**
 * Options that the control takes. The contacted class with the next greater loss must take an option with the same changes, by at
 * least half of its customers.
 */
function likeTaken(
  problem: OfferProblem,
  options: { contacted: readonly Option[]; control: readonly Option[] },
  taken: ReadonlyMap<Option, number>,
): Option[] {
  const byStep = new Map<number, Option[]>();
  for (const one of options.contacted) {
    const same = byStep.get(one.step);
    if (same) same.push(one);
    else byStep.set(one.step, [one]);
  }
  return options.control.filter((one) => {
    const next = byStep.get(one.step)?.find((other) => byLoss(one, other) < 0);
    return next !== undefined && 2 * (taken.get(next) ?? 0) >= problem.offered[next.of]!;
  });
}

function byLoss(a: Option, b: Option): number {
  return a.loss - b.loss || a.of - b.of;
}

/** Sets of a class that differ from its choice in one or two offers. */
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

function keyOfEntries(entries: readonly number[]): string {
  return [...entries].sort((a, b) => a - b).join();
}

function searchChoices(
  problem: OfferProblem,
  used: Float64Array,
  prices: Float64Array,
  options: readonly Option[],
  { penalty, width }: { penalty: number; width: number },
): SearchState | null {
  const costs = new LimitCosts(problem, prices, penalty);
  const beam = new Beam({ used, key: 0, cost: costs.all(used), taken: null }, costs, width);
  const byClass = new Map<number, Option[]>();
  for (const option of options) byClass.set(option.of, [...(byClass.get(option.of) ?? []), option]);
  for (const [of, some] of byClass) {
    // A state with an option of this class costs at least the option's loss.
    const best = beam.states.find(({ used: now }) => costs.keeps(now));
    if (best && best.cost <= some[0]!.loss) break;
    for (const option of some) beam.extend(option, problem.offered[of]!);
  }
  return beam.states.find((state) => costs.keeps(state.used)) ?? null;
}

/** Cheapest states, one for each distinct use, cheapest first. */
class Beam {
  states: readonly SearchState[];
  readonly #width: number;
  readonly #costs: LimitCosts;
  readonly #byKey: Map<number, SearchState>;

  constructor(start: SearchState, costs: LimitCosts, width: number) {
    this.states = [start];
    this.#width = width;
    this.#costs = costs;
    this.#byKey = new Map([[start.key, start]]);
  }

  /** Adds all states in which some of the remaining customers of a class take an option. */
  extend(option: Option, offered: number): void {
    const limit = this.states.length < this.#width ? Number.POSITIVE_INFINITY : this.states.at(-1)!.cost;
    const added: SearchState[] = [];
    const dearer = new Set<SearchState>();
    for (const state of this.states) {
      let left = offered;
      for (let { taken } = state; taken?.option.of === option.of; taken = taken.before) left -= taken.customers;
      for (let customers = 1; customers <= Math.min(left, mostTogether); customers++) {
        const cost = costWith(this.#costs, state, option, customers);
        if (cost >= limit) continue;
        const key = state.key + option.step * customers;
        const other = this.#byKey.get(key);
        if (other && other.cost <= cost) continue;
        if (other) dearer.add(other);
        const next = { key, cost, ...withOption(state, option, customers) };
        this.#byKey.set(key, next);
        added.push(next);
      }
    }
    if (added.length === 0) return;
    const all = [...this.states, ...added].filter((state) => !dearer.has(state)).sort((a, b) => a.cost - b.cost);
    for (const { key } of all.splice(this.#width)) this.#byKey.delete(key);
    this.states = all;
  }
}

/** Cost of a state after adding an option. */
function costWith(costs: LimitCosts, { cost, used }: SearchState, { loss, changes }: Option, customers: number): number {
  let sum = cost + loss * customers;
  for (const { g, by } of changes) sum += costs.of(g, used[g]! + by * customers) - costs.of(g, used[g]!);
  return sum;
}

function withOption(
  { used, taken: before }: SearchState,
  option: Option,
  customers: number,
): Pick<SearchState, 'used' | 'taken'> {
  const now = used.slice();
  for (const { g, by } of option.changes) now[g]! += by * customers;
  return { used: now, taken: { option, customers, before } };
}

/** Cost of violated limits, and of limits with a price that are not used up. */
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
