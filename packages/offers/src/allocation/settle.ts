import { createRandom, none } from '@basketwise/core/parts';
import { Allocation } from './allocation.ts';
import type { OfferDemand } from './demand.ts';
import type { OfferProblem } from './offer-problem.ts';

/** Option: a set of offers of a class that is not the class's best set at the prices. */
interface Option {
  of: number;
  entries: readonly number[];
  /** Reduced value of the class's best set minus that of this option, per customer. */
  loss: number;
  /** Change of the use of each affected capacity, per customer. */
  changes: readonly { g: number; by: number }[];
  /** Change of a search state's `key` per customer. */
  step: number;
}

/** State of the beam search after some chosen options: use of the capacities, and cost. */
interface SearchState {
  used: Float64Array;
  /** Hash of `used`: a sum with random weights, an integer below 2^53. */
  key: number;
  /** Losses of the chosen options, plus the cost of violated limits and of capacities with a price that are not used up. */
  cost: number;
  taken: { option: Option; customers: number; before: SearchState['taken'] } | null;
}

/** Greatest number of options in the search; those with the smallest loss are used. */
const mostOptions = 800;
/** Greatest number of allowed sets of a class for which all sets are enumerated. */
const mostSets = 256;
/** Penalties per offer above or below a limit, as shares of the greatest value of an entry. Each penalty has its own search. */
const penalties = [1, 1 / 8, 1 / 64];
/** Greatest number of customers of a class who take an option in one step of the search. */
const mostTogether = 8;
/** Greatest weight of a capacity in the key of a state. Keys stay below 2^53 even if all customers take all options. */
const mostWeight = 2 ** 36;

/**
 * Finds whole offers for problems of a few thousand classes, by a beam search.
 * Each class starts with its best set at the shadow prices p. Some customers then take options with small losses until all limits are met.
 *   l = loss of a customer's set against the best set, in reduced value
 *   value = bound - sum over customers of l - sum over capacities of (p (most - used) if p > 0, -p (used - least) if p < 0)
 * The search minimises the sum of the subtracted terms.
 * A control class takes an option if the contacted class with the next greater loss takes an option with the same changes of use.
 * This rule depends only on prices and losses, so contacted and control customers stay comparable.
 * @param gap greatest loss of an option: the bound minus the value of a known solution
 * @param width number of states that remain after each option
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

/** Allocation of a search state: the offers of `start`, changed by the options that contacted classes and control classes (likeTaken) take. */
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
 * Options with a loss of at most `gap`, by ascending loss: the first `mostOptions` of the contacted classes, and all options of the
 * control classes.
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
 * Options that control classes take. For an option of a control class, `next` is the option of a contacted class with the same changes
 * of use and the next greater loss. The control class takes its option if at least half of the contacted customers take `next`.
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

/** Allowed sets of a class that differ from its best set in one or two offers. */
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
    // Every state that uses a later option costs at least the loss of that option.
    const best = beam.states.find(({ used: now }) => costs.keeps(now));
    if (best && best.cost <= some[0]!.loss) break;
    for (const option of some) beam.extend(option, problem.offered[of]!);
  }
  return beam.states.find((state) => costs.keeps(state.used)) ?? null;
}

/** Search states with the lowest cost, cheapest first, and one state for each distinct use of the capacities. */
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

  /** Adds all states in which 1 or more of the remaining customers of a class take an option. */
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

/** Cost of a state after `customers` customers take an option. */
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

/** Cost of the violated limits of capacities, and of capacities with a price that are not used up. */
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
