import { commonDivisor, type KernelPool, none } from '@basketwise/core';
import { orderByColumns } from '../allocation/class-order.ts';
import { numberRows } from '../allocation/number-rows.ts';
import { mostSampled, type OfferProblem } from '../allocation/offer-problem.ts';
import type { Resting } from './resting.ts';

/** Properties of customers that divide them into classes. */
export interface SetCustomer {
  /**
   * For each campaign, the basket row of each customer (-1: not in the campaign), and the number of the campaign's first list.
   * Null: the campaign makes no offers.
   */
  lists: readonly ({ unit: Int32Array; first: number } | null)[];
  group: Uint32Array;
  resting: Resting;
  /** Whether the offers of a customer are decided here. Absent: all customers. */
  has?: ((customer: number) => boolean) | undefined;
}

/** Class of a customer who cannot get any offer. */
export const noClass = none;

/** Classes of customers: sets of customers with the same lists, group and items in cool-off. */
export interface CustomerClasses extends Pick<OfferProblem, 'list' | 'width' | 'group' | 'rest'> {
  /** Class of each customer; `noClass` without a list, or if all items are in cool-off. */
  classOf: Uint32Array;
}

/**
 * Finds the classes of the customers. The first `mostSampled` classes are in random order, so that they represent all classes.
 * The other classes are sorted by their lists, so that kernels read the lists sequentially.
 */
export async function customerClasses(pool: KernelPool, { lists, group, resting, has }: SetCustomer): Promise<CustomerClasses> {
  const width = lists.length;
  const words = width + 2;
  const noList = lists.includes(null) ? new Int32Array(group.length).fill(-1) : undefined;
  const { count, keys, codeOf, numbers } = await numberRows(pool, {
    ...{ rows: group.length, columns: [...lists.map((list) => list?.unit ?? noList!), group, resting.set], lists: width, has },
  });
  const placeOf = await classPlaces(pool, { keys, words, width, count });
  const sorted = {
    ...{ width, list: new Uint32Array(count * width), group: new Uint32Array(count), rest: new Uint32Array(count) },
  };
  const firsts = Uint32Array.from(lists, (one) => one?.first ?? 0);
  for (let c = 0; c < count; c++) {
    const to = placeOf[c]!;
    for (let i = 0, at = c * words; i < width; i++, at++)
      sorted.list[to * width + i] = keys[at] === none ? 0 : firsts[i]! + keys[at]!;
    sorted.group[to] = keys[c * words + width]!;
    sorted.rest[to] = keys[c * words + width + 1]!;
  }
  const places = numbers.map((number) => placeOf[number]!);
  return { ...sorted, classOf: placed(codeOf, places) };
}

/** Replaces the code of each customer (from `numberRows`) by the number of the customer's class. */
function placed(codeOf: Uint32Array, places: Uint32Array): Uint32Array {
  for (let customer = 0; customer < codeOf.length; customer++) {
    const code = codeOf[customer]!;
    if (code !== noClass) codeOf[customer] = places[code]!;
  }
  return codeOf;
}

/** Counts the contacted and the control customers of each class. @param control 1 for customers of the control, u8[customers] */
export function countArms({ classOf, group }: CustomerClasses, control: Uint8Array): Pick<OfferProblem, 'offered' | 'control'> {
  const arms = { offered: new Uint32Array(group.length), control: new Uint32Array(group.length) };
  for (let customer = 0; customer < classOf.length; customer++) {
    const classIndex = classOf[customer]!;
    if (classIndex !== noClass) (control[customer] === 1 ? arms.control : arms.offered)[classIndex]!++;
  }
  return arms;
}

/** Number of a customer's list in a campaign; 0 (the empty list) if the customer has none. */
export function listOfCustomer(list: SetCustomer['lists'][number], customer: number): number {
  const unit = list === null ? -1 : list.unit[customer]!;
  return unit < 0 ? 0 : list!.first + unit;
}

/** Position of each class in the final order. @param keys words of each class, u32[count x words], the lists first */
async function classPlaces(
  pool: KernelPool,
  { keys, words, width, count }: { keys: Uint32Array; words: number; width: number; count: number },
): Promise<Uint32Array> {
  const places = new Uint32Array(count);
  const strewn = strewnOrder(count);
  const others = new Uint32Array(Math.max(0, count - mostSampled));
  let next = 0;
  for (let c = 0; c < count; c++) {
    places[c] = strewn(c);
    if (places[c]! >= mostSampled) others[next++] = c;
  }
  const order = await orderByColumns(pool, others, { keys, words, columns: width });
  for (let i = 0; i < order.length; i++) places[order[i]!] = mostSampled + i;
  return places;
}

/** Permutation of 0 to count - 1 that moves neighbours far apart: i -> i x step mod count, with step about .618 x count. */
function strewnOrder(count: number): (i: number) => number {
  let step = Math.max(1, Math.floor(count * 0.618));
  while (commonDivisor(step, count) > 1) step++;
  return (i) => (i * step) % Math.max(1, count);
}
