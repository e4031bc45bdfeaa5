import { AppError } from '@basketwise/core/error';

/** A product as one campaign offers it. */
export interface OfferItem {
  /** Number of the campaign. */
  campaign: number;
  /** Number of the product: a customer is offered it once, whatever the campaigns. */
  product: number;
  /** Bits of the sets that it is in, of each of which a customer is offered one at most. */
  together: number;
}

/** How many offers there may be, and must be, of some items to some groups of customers. */
export interface OfferCapacity {
  /** At least; 0: no minimum. */
  least: number;
  /** At most; infinite: no limit. */
  most: number;
  /** Items that count, ascending. */
  items: readonly number[];
  /** Groups of customers that count, ascending. */
  groups: readonly number[];
}

/**
 * Who may be offered what. A class is of customers who are alike in all of this: the same lists, the same group, the same items at rest.
 * Numbers of the arrays: classes, lists, entries of lists. Of more than `mostSampled` classes so many at the beginning are like all of them, in any number.
 */
export interface OfferProblem {
  /** u32[classes]: customers who may be contacted, and those of the control, who are only decided for. */
  offered: Uint32Array;
  control: Uint32Array;
  /** Lists of a class. */
  width: number;
  /** u32[classes x width]. */
  list: Uint32Array;
  /** u32[lists + 1] where the entries of each list begin. */
  start: Uint32Array;
  /** u32[entries]. */
  item: Uint32Array;
  /** Worth of an entry's offer on the average; one of 0 is never made. */
  worth: Float32Array;
  /** u32[classes]: the group of customers, as far as capacities tell them apart. */
  group: Uint32Array;
  groups: number;
  /** u32[classes]: set of items that rest; 0: none. */
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

/** Classes on which prices are looked for first, at most. */
export const mostSampled = 2 ** 18;
/** Pairs of a group and an item: prices are kept for each. */
const mostCells = 2 ** 22;

/** Capacities that each pair (group x items + item) counts in. */
export interface OfferCells {
  start: Uint32Array;
  capacity: Uint32Array;
}

/** Finds the capacities of each pair of group and item. @throws AppError config where there are too many pairs */
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

/** Adds the prices of capacities up for each pair of group and item. */
export function cellPrices({ start, capacity }: OfferCells, prices: Float64Array, found: Float64Array): void {
  for (let cell = 0; cell < found.length; cell++) {
    let sum = 0;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) sum += prices[capacity[i]!]!;
    found[cell] = sum;
  }
}

/** Of each capacity how many offers count in it, from those of each cell. */
export function countByCapacity({ start, capacity }: OfferCells, ofCells: Float64Array, capacities: number): Float64Array {
  const found = new Float64Array(capacities);
  for (let cell = 0; cell < ofCells.length; cell++) {
    if (ofCells[cell] === 0) continue;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) found[capacity[i]!]! += ofCells[cell]!;
  }
  return found;
}

/** The most entries that the lists of a class may have together, at least 1: as many as the longest list has, of each of them. */
export function longestClass({ width, start }: Pick<OfferProblem, 'width' | 'start'>): number {
  let most = 0;
  for (let l = 0; l + 1 < start.length; l++) most = Math.max(most, start[l + 1]! - start[l]!);
  return Math.max(1, width * most);
}

/** Of each capacity, the mean worth of the entries that it may count. */
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
