import { mostSampled, type OfferProblem } from '@basketwise/core';
import { allRest, type Resting } from './resting.ts';

/** Facts by which customers are told apart. */
export interface SetCustomer {
  /** By campaign: unit of each customer, -1 where they have none, and the first of its lists; null: nothing is offered of it. */
  lists: readonly ({ unit: Int32Array; first: number } | null)[];
  group: Uint32Array;
  resting: Resting;
  /** Whether a customer is decided for. */
  has(customer: number): boolean;
}

/** In place of a class: nothing can be offered to the customer. */
export const noClass = 0xffff_ffff;

/** Customers who are alike in all that decides what they are offered share a class. */
export interface CustomerClasses extends Pick<OfferProblem, 'list' | 'width' | 'group' | 'rest'> {
  /** Class of each customer; `noClass` where they have no list, or everything rests. */
  classOf: Uint32Array;
}

/** Finds the classes: the first `mostSampled` are like all of them, the others go by their lists, which are then read one after the other. */
export function customerClasses({ lists, group, resting, has }: SetCustomer): CustomerClasses {
  const customers = group.length;
  const width = lists.length;
  const words = width + 2;
  const classOf = new Uint32Array(customers).fill(noClass);
  let [keys, count] = [new Uint32Array(words * 1024), 0];
  let table = new Uint32Array(4096);
  const key = new Uint32Array(words);
  const place = (from: Uint32Array, at: number) => {
    let h = 0;
    for (let i = 0; i < words; i++) h = Math.imul(h ^ from[at + i]!, 0x9e3779b1) ^ (h >>> 15);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    return (h ^ (h >>> 13)) & (table.length - 1);
  };
  const same = (at: number) => {
    for (let i = 0; i < words; i++) if (keys[at + i] !== key[i]) return false;
    return true;
  };
  for (let customer = 0; customer < customers; customer++) {
    if (resting.set[customer] === allRest || !has(customer)) continue;
    let listed = 0;
    for (let i = 0; i < width; i++) listed |= key[i] = listOf(lists[i]!, customer);
    if (listed === 0) continue;
    key[width] = group[customer]!;
    key[width + 1] = resting.set[customer]!;
    let slot = place(key, 0);
    while (table[slot] !== 0 && !same((table[slot]! - 1) * words)) slot = (slot + 1) & (table.length - 1);
    if (table[slot] === 0) {
      if ((count + 1) * words > keys.length) keys = grown(keys);
      keys.set(key, count * words);
      table[slot] = ++count;
      classOf[customer] = count - 1;
      if (count * 2 > table.length) {
        table = new Uint32Array(table.length * 2);
        for (let c = 0; c < count; c++) {
          let free = place(keys, c * words);
          while (table[free] !== 0) free = (free + 1) & (table.length - 1);
          table[free] = c + 1;
        }
      }
    } else classOf[customer] = table[slot]! - 1;
  }
  const placeOf = classPlaces({ keys, words, width, count });
  const found = {
    ...{ width, list: new Uint32Array(count * width), group: new Uint32Array(count), rest: new Uint32Array(count) },
  };
  for (let c = 0; c < count; c++) {
    const to = placeOf[c]!;
    for (let i = 0; i < width; i++) found.list[to * width + i] = keys[c * words + i]!;
    found.group[to] = keys[c * words + width]!;
    found.rest[to] = keys[c * words + width + 1]!;
  }
  for (let customer = 0; customer < customers; customer++) {
    if (classOf[customer] === noClass) continue;
    classOf[customer] = placeOf[classOf[customer]!]!;
  }
  return { ...found, classOf };
}

/** Counts the customers of each class who may be contacted, and those of the control. @param control u8[customers]: 1 in the control */
export function countArms({ classOf, group }: CustomerClasses, control: Uint8Array): Pick<OfferProblem, 'offered' | 'control'> {
  const found = { offered: new Uint32Array(group.length), control: new Uint32Array(group.length) };
  for (let customer = 0; customer < classOf.length; customer++) {
    const of = classOf[customer]!;
    if (of !== noClass) (control[customer] === 1 ? found.control : found.offered)[of]!++;
  }
  return found;
}

/** List of a customer; 0: none. */
export function listOf(of: SetCustomer['lists'][number], customer: number): number {
  const unit = of === null ? -1 : of.unit[customer]!;
  return unit < 0 ? 0 : of!.first + unit;
}

function grown(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(values.length * 2);
  more.set(values);
  return more;
}

/** Place of each class. @param keys u32[count x words]: lists first */
function classPlaces({
  keys,
  words,
  width,
  count,
}: {
  keys: Uint32Array;
  words: number;
  width: number;
  count: number;
}): Uint32Array {
  const places = new Uint32Array(count);
  const strewn = strewnOrder(count);
  let others = new Uint32Array(Math.max(0, count - mostSampled));
  let next = 0;
  for (let c = 0; c < count; c++) {
    places[c] = strewn(c);
    if (places[c]! >= mostSampled) others[next++] = c;
  }
  const all = others;
  for (let column = width - 1; column >= 0; column--) others = sortedBy(others, all, (c) => keys[c * words + column]!);
  for (const [i, c] of others.entries()) places[c] = mostSampled + i;
  return places;
}

/** Numbers by a key, those of one key in the order that they have. @param ascending the same numbers as they lie in memory, to count their keys by */
function sortedBy(numbers: Uint32Array, ascending: Uint32Array, keyOf: (number: number) => number): Uint32Array<ArrayBuffer> {
  let most = 0;
  for (let i = 0; i < ascending.length; i++) most = Math.max(most, keyOf(ascending[i]!));
  const starts = new Uint32Array(most + 2);
  for (let i = 0; i < ascending.length; i++) starts[keyOf(ascending[i]!) + 1]!++;
  for (let key = 0; key <= most; key++) starts[key + 1]! += starts[key]!;
  const sorted = new Uint32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) sorted[starts[keyOf(numbers[i]!)]!++] = numbers[i]!;
  return sorted;
}

/** A permutation of 0 .. count - 1 by steps of about the golden section, which keeps neighbours apart. */
function strewnOrder(count: number): (i: number) => number {
  let step = Math.max(1, Math.floor(count * 0.618));
  while (divisor(step, count) > 1) step++;
  return (i) => (i * step) % Math.max(1, count);
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
