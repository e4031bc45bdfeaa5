import { AppError } from '@basketwise/core/error';
import { type Address, type KernelMemory, offerClasses, storeRecord } from '@basketwise/core/parts';

/** A product as offered by one campaign. */
export interface OfferItem {
  /** Number of the campaign. */
  campaign: number;
  /** Number of the product: a customer gets at most one offer of it over all campaigns. */
  product: number;
  /** Bits of its exclusive sets: a customer gets at most one offer from each set. */
  together: number;
}

/** Limits on the number of offers of some items to some groups of customers. */
export interface OfferCapacity {
  /** At least; 0: no minimum. */
  least: number;
  /** At most; infinite: no limit. */
  most: number;
  /** Counted items, ascending. */
  items: readonly number[];
  /** Counted groups of customers, ascending. */
  groups: readonly number[];
}

/**
 * Data of an allocation. A class consists of customers who are equal in all of it: the same lists, the same group, the same items in
 * cool-off. Array sizes: classes, lists, entries of lists. With more than `mostSampled` classes, any number of classes from the beginning
 * is a representative sample.
 */
export interface OfferProblem {
  /** u32[classes]: contacted customers, and control customers, who are decided but not contacted. */
  offered: Uint32Array;
  control: Uint32Array;
  /** Lists of a class. */
  width: number;
  /** u32[classes x width]. */
  list: Uint32Array;
  /** u32[lists + 1]: start of each list's entries. */
  start: Uint32Array;
  /** u32[entries]. */
  item: Uint32Array;
  /** Mean value of an entry's offer; one of 0 is never made. */
  worth: Float32Array;
  /** u32[classes]: the group of customers, as far as capacities distinguish them. */
  group: Uint32Array;
  groups: number;
  /** u32[classes]: set of items in cool-off; 0: none. */
  rest: Uint32Array;
  /** u32[sets + 1], u32: items of each set; set 0 is empty. */
  restStart: Uint32Array;
  restItem: Uint32Array;
  items: readonly OfferItem[];
  /** Most offers to a customer, 1 .. `mostOffers`. */
  perCustomer: number;
  /** Most offers of each campaign to a customer. */
  perCampaign: readonly number[];
  capacities: readonly OfferCapacity[];
}

/** Copies the classes and candidates of a problem to kernel memory: a record OfferClasses (assembly/layouts.ts). */
export function storeClasses(memory: KernelMemory, problem: OfferProblem): Address {
  const { items, perCampaign, perCustomer: most, width } = problem;
  const records = items.flatMap(({ campaign, product, together }) => [campaign, product, together, perCampaign[campaign]!]);
  return storeRecord(memory, offerClasses, {
    ...{ list: memory.store(problem.list), width, start: memory.store(problem.start) },
    ...{ listed: memory.store(problem.item), worth: memory.store(problem.worth), group: memory.store(problem.group) },
    ...{ rest: memory.store(problem.rest), restStart: memory.store(problem.restStart) },
    ...{ restItem: memory.store(problem.restItem), offered: memory.store(problem.offered) },
    ...{ items: memory.store(Uint32Array.from(records)), itemCount: items.length, most },
  });
}

/** Most classes in the first stage of the price search. */
export const mostSampled = 2 ** 18;
/** Most pairs of a group and an item: each has a price. */
const mostCells = 2 ** 22;

/** Capacities in which each pair (group x items + item) counts. */
export interface OfferCells {
  start: Uint32Array;
  capacity: Uint32Array;
}

/** Finds the capacities of each pair of group and item. @throws AppError config for too many pairs */
export function capacityCells({ groups, items, capacities }: Pick<OfferProblem, 'groups' | 'items' | 'capacities'>): OfferCells {
  const cells = groups * items.length;
  if (cells > mostCells) {
    const what = `offers: ${groups} groups of customers by ${items.length} products of campaigns are more than ${mostCells}`;
    throw new AppError('config', what, 'Name fewer segments and cluster schemes in offers.capacity.');
  }
  const start = new Uint32Array(cells + 1);
  const visit = (seen: (cell: number, capacity: number) => void) => {
    for (const [g, capacity] of capacities.entries()) {
      for (const group of capacity.groups) for (const item of capacity.items) seen(group * items.length + item, g);
    }
  };
  visit((cell) => void start[cell + 1]!++);
  for (let i = 0; i < cells; i++) start[i + 1]! += start[i]!;
  const capacity = new Uint32Array(start[cells]!);
  const next = start.slice(0, cells);
  visit((cell, g) => {
    capacity[next[cell]!++] = g;
  });
  return { start, capacity };
}

/** Sums the prices of capacities for each pair of group and item. */
export function cellPrices({ start, capacity }: OfferCells, prices: Float64Array, found: Float64Array): void {
  for (let cell = 0; cell < found.length; cell++) {
    let sum = 0;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) sum += prices[capacity[i]!]!;
    found[cell] = sum;
  }
}

/** Number of offers by capacity, from those of each cell. */
export function countByCapacity({ start, capacity }: OfferCells, ofCells: Float64Array, capacities: number): Float64Array {
  const found = new Float64Array(capacities);
  for (let cell = 0; cell < ofCells.length; cell++) {
    if (ofCells[cell] === 0) continue;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) found[capacity[i]!]! += ofCells[cell]!;
  }
  return found;
}

/** The most entries of a class's lists together, at least 1: the length of the longest list, times the lists. */
export function longestClass({ width, start }: Pick<OfferProblem, 'width' | 'start'>): number {
  let most = 0;
  for (let l = 0; l + 1 < start.length; l++) most = Math.max(most, start[l + 1]! - start[l]!);
  return Math.max(1, width * most);
}

/** By capacity, the mean value of the entries that it may count. */
export function meanWorths({ capacities, items, item, worth }: OfferProblem): Float64Array {
  const [sums, counts] = [new Float64Array(items.length), new Float64Array(items.length)];
  for (let e = 0; e < item.length; e++) {
    sums[item[e]!]! += worth[e]!;
    counts[item[e]!]!++;
  }
  return Float64Array.from(capacities, ({ items: counted }) => {
    let [total, count] = [0, 0];
    for (const one of counted) [total, count] = [total + sums[one]!, count + counts[one]!];
    return count > 0 ? total / count : 0;
  });
}
