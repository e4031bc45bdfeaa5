import { required } from '@basketwise/core';
import { hash } from '@basketwise/recommend';
import type { DataSet } from './real-sets.ts';

const count = 20_000;
const loans = ['L1', 'L2', 'L3', 'L4'];
const savings = ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8'];
/** Product whose holders mostly take loans next, the first of them most often. */
const house = 'H';
const items = [house, ...loans, ...savings];

/** A number that looks random, 0 to 1. */
const random = (customer: number, draw: number) => (hash(64 * customer + draw, 31) + 0.5) / 2 ** 32;

/** Product of a list, drawn with the weights 1, decay, decay^2, ... */
function drawn(list: readonly string[], decay: number, chance: number): string {
  const weights = list.map((_, place) => decay ** place);
  let rest = chance * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [place, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return list[place]!;
  }
  return list.at(-1)!;
}

/** One to five products. A sixth of the customers hold a house, and then three in four of the others are loans; else one in twelve. */
function productsOf(customer: number): string[] {
  const owns = random(customer, 0) < 1 / 6;
  const found = new Set(owns ? [house] : []);
  const size = 1 + Math.floor(5 * random(customer, 1));
  for (let draw = 2; found.size < size; draw += 2) {
    const isLoan = random(customer, draw) < (owns ? 3 / 4 : 1 / 12);
    const chance = random(customer, draw + 1);
    found.add(isLoan ? drawn(loans, owns ? 0.3 : 1, chance) : drawn(savings, 0.8, chance));
  }
  return [...found];
}

/** Drawn bank without dates, in which one held product decides the class of the next. */
export function twoClassSet(): DataSet {
  const place = new Map(items.map((item, at) => [item, at]));
  return {
    name: 'two classes',
    items,
    classes: items.map((item) => (loans.includes(item) ? 'loan' : savings.includes(item) ? 'saving' : 'other')),
    sets: Array.from({ length: count }, (_, customer) =>
      productsOf(customer)
        .map((item) => required(place, item))
        .sort((a, b) => a - b),
    ),
  };
}
