import { type Address, AppError, type KernelMemory, offerClasses, storeRecord } from '@basketwise/core';

/** Item: a product that a campaign can offer. */
export interface OfferItem {
  /** Number of the campaign. */
  campaign: number;
  /** Number of the product. Over all campaigns, a customer gets at most one offer of it. */
  product: number;
  /** Bit mask of the exclusive sets that contain this item. A customer gets at most one offer from each exclusive set. */
  together: number;
}

/** Capacity: limits on the number of offers of some items to some groups of customers. */
export interface OfferCapacity {
  /** Minimum number of offers. 0: no minimum. */
  least: number;
  /** Maximum number of offers. Infinite: no maximum. */
  most: number;
  /** Counted items, ascending. */
  items: readonly number[];
  /** Counted groups of customers, ascending. */
  groups: readonly number[];
}

/**
 * Data of an allocation. A class is a set of customers with the same lists, group and items in cool-off.
 * The first `mostSampled` classes are in random order, so any number of them from the beginning represents all classes.
 */
export interface OfferProblem {
  /** Contacted customers of each class, u32[classes]. */
  offered: Uint32Array;
  /** Control customers of each class, u32[classes]. Their offers are decided, but they are not contacted. */
  control: Uint32Array;
  /** Number of lists of a class. */
  width: number;
  /** Lists of each class, u32[classes x width]. */
  list: Uint32Array;
  /** Start of each list's entries, u32[lists + 1]. */
  start: Uint32Array;
  /** Item of each entry, u32[entries]. */
  item: Uint32Array;
  /** Mean value of each entry's offer, f32[entries]. An offer of value 0 is never made. */
  worth: Float32Array;
  /** Group of the customers of each class, u32[classes]. Customers that no capacity distinguishes share a group. */
  group: Uint32Array;
  groups: number;
  /** Set of items in cool-off, u32[classes]; 0 for none. */
  rest: Uint32Array;
  /** Start of each set's items, u32[sets + 1], and the items, u32. Set 0 is empty. */
  restStart: Uint32Array;
  restItem: Uint32Array;
  items: readonly OfferItem[];
  /** Greatest number of offers to a customer, 1 to `mostOffers`. */
  perCustomer: number;
  /** Greatest number of offers to a customer from each campaign. */
  perCampaign: readonly number[];
  capacities: readonly OfferCapacity[];
}

/** Copies the classes and candidates of a problem to kernel memory, as a record OfferClasses (assembly/offers/layouts.ts). */
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

/** Greatest number of classes in the first stage of the price search. */
export const mostSampled = 2 ** 18;
/** Greatest number of pairs of group and item. Each pair has a price. */
const mostPriced = 2 ** 22;

/** Capacities that count each pair of group and item. The position of a pair is group x items + item. */
export interface OfferCells {
  start: Uint32Array;
  capacity: Uint32Array;
}

/** Finds the capacities of each pair of group and item. @throws AppError config for too many pairs */
export function capacityCells({ groups, items, capacities }: Pick<OfferProblem, 'groups' | 'items' | 'capacities'>): OfferCells {
  const cells = groups * items.length;
  if (cells > mostPriced) {
    const what = `offers: ${groups} groups of customers times ${items.length} products of campaigns are more than ${mostPriced}`;
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

/** Computes the price of each pair of group and item: the sum of the prices of the capacities that count it. @param priced f64[pairs] out */
export function cellPrices({ start, capacity }: OfferCells, prices: Float64Array, priced: Float64Array): void {
  for (let cell = 0; cell < priced.length; cell++) {
    let sum = 0;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) sum += prices[capacity[i]!]!;
    priced[cell] = sum;
  }
}

/** Number of offers of each capacity: the sum over the pairs of group and item that it counts. */
export function countByCapacity({ start, capacity }: OfferCells, ofCells: Float64Array, capacities: number): Float64Array {
  const counts = new Float64Array(capacities);
  for (let cell = 0; cell < ofCells.length; cell++) {
    if (ofCells[cell] === 0) continue;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) counts[capacity[i]!]! += ofCells[cell]!;
  }
  return counts;
}

/** Upper bound of the number of entries of a class: length of the longest list x lists per class, at least 1. */
export function longestClass({ width, start }: Pick<OfferProblem, 'width' | 'start'>): number {
  let most = 0;
  for (let l = 0; l + 1 < start.length; l++) most = Math.max(most, start[l + 1]! - start[l]!);
  return Math.max(1, width * most);
}

/** Mean value of the entries that each capacity can count. */
export function meanWorths({ capacities, items, item, worth }: OfferProblem): Float64Array {
  const [sums, counts] = [new Float64Array(items.length), new Float64Array(items.length)];
  for (let e = 0; e < item.length; e++) {
    sums[item[e]!]! += worth[e]!;
    counts[item[e]!]!++;
  }
  return Float64Array.from(capacities, ({ items: counted }) => {
    let [total, count] = [0, 0];
    for (const place of counted) [total, count] = [total + sums[place]!, count + counts[place]!];
    return count > 0 ? total / count : 0;
  });
}
