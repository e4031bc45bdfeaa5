import { noDate, required } from '@basketwise/core';
import { type BankOptions, bankOf, basketSizes, type Catalog, drawCatalog, drawHoldings } from '@basketwise/sample';
import { describe, expect, test } from 'vitest';

const customers = 100_000;

/** Open baskets (sorted lines) of customers who hold something. */
function basketsOf(options: BankOptions, catalog: Catalog = drawCatalog(bankOf(options))): number[][] {
  const { rows, customer, product, closed } = drawHoldings(bankOf(options), catalog, 0, options.customers);
  const baskets = new Map<number, Set<number>>();
  for (let row = 0; row < rows; row++) {
    if (closed[row] !== noDate) continue;
    const basket = baskets.get(customer[row]!);
    if (basket) basket.add(product[row]!);
    else baskets.set(customer[row]!, new Set([product[row]!]));
  }
  return [...baskets.values()].map((basket) => [...basket].sort((a, b) => a - b));
}

function countLines(baskets: readonly (readonly number[])[], lines: number): Float64Array {
  const counts = new Float64Array(lines);
  for (const basket of baskets) for (const line of basket) counts[line]!++;
  return counts;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function gini(counts: Float64Array): number {
  const sorted = counts.slice().sort();
  return sum(sorted.map((count, i) => (2 * (i + 1) - counts.length - 1) * count)) / (counts.length * sum(counts));
}

const postal = basketsOf({ customers, seed: 1 });
const catalog = drawCatalog(bankOf({ customers, seed: 1 }));

describe('baskets of the postal bank', () => {
  test('as many customers as asked hold nothing', () => {
    // standard deviation of the share: .001
    expect(1 - postal.length / customers).toBeCloseTo(0.11, 2);
  });

  test('set sizes are those of the bank, within .01 per cell', () => {
    const total = sum(basketSizes);
    for (const [i, share] of basketSizes.entries()) {
      const seen = postal.filter(({ length }) => length === i + 1).length / postal.length;
      // largest standard deviation of a cell: sqrt(.46 x .54 / 89,000) = .0017
      expect(Math.abs(seen - share / total), `${i + 1} products`).toBeLessThan(0.005);
    }
  });

  test('top five are within .08 and Gini within .02 of the target for any seed, top five within .03 on average', () => {
    const shares = [1, 2, 3].map((seed) => {
      const counts = countLines(seed === 1 ? postal : basketsOf({ customers: 50_000, seed }), 430);
      const top = counts.slice().sort().reverse();
      expect(Math.abs(gini(counts) - 0.88), `Gini, seed ${seed}`).toBeLessThan(0.02);
      return sum(top.slice(0, 5)) / sum(top);
    });
    for (const [i, share] of shares.entries()) expect(Math.abs(share - 0.47), `top five, seed ${i + 1}`).toBeLessThan(0.08);
    expect(Math.abs(sum(shares) / shares.length - 0.47)).toBeLessThan(0.03);
  });
});

describe('planted truths', () => {
  test('rules hold with their confidence, within three standard deviations', () => {
    expect(catalog.plants.rules).toHaveLength(25);
    const lines = catalog.plants.rules.flatMap(({ antecedent, consequent }) => [antecedent, consequent]);
    expect(new Set(lines).size).toBe(50);
    for (const { antecedent, consequent, confidence } of catalog.plants.rules) {
      const holders = postal.filter((basket) => basket.length > 1 && basket.includes(antecedent));
      const share = holders.length / postal.length;
      expect(share).toBeGreaterThan(0.002);
      expect(share).toBeLessThan(0.09);
      const seen = holders.filter((basket) => basket.includes(consequent)).length / holders.length;
      const deviation = Math.sqrt((confidence * (1 - confidence)) / holders.length);
      expect(Math.abs(seen - confidence) / deviation, `${antecedent} -> ${consequent}`).toBeLessThan(3);
    }
  });

  test('repulsions keep their share of the pairs that customers would hold, within three standard deviations', () => {
    const { repulsions } = catalog.plants;
    expect(repulsions).toHaveLength(10);
    const without = basketsOf({ customers, seed: 1 }, { ...catalog, plants: { ...catalog.plants, repulsions: [] } });
    let compared = 0;
    const count = (baskets: number[][], first: number, second: number) =>
      baskets.filter((basket) => basket.includes(first) && basket.includes(second)).length;
    for (const { first, second, keep } of repulsions) {
      const chance = count(without, first, second);
      // lines that were sold at different times, or to different ages, meet too seldom for a comparison
      if (chance < 30) continue;
      compared++;
      // both counts vary like Poisson counts
      const deviation = Math.sqrt(keep * chance + keep * keep * chance);
      expect(Math.abs(count(postal, first, second) - keep * chance) / deviation, `${first} and ${second}`).toBeLessThan(3);
    }
    expect(compared).toBeGreaterThanOrEqual(8);
  });

  test('a consequent is not bought before its antecedent where both are still sold', () => {
    const { customer, product, opened, closed, rows } = drawHoldings(bankOf({ customers, seed: 1 }), catalog, 0, 20_000);
    let [after, before] = [0, 0];
    for (const { antecedent, consequent } of catalog.plants.rules) {
      const day = new Map<number, number>();
      for (let row = 0; row < rows; row++)
        if (product[row] === antecedent && closed[row] === noDate) day.set(customer[row]!, opened[row]!);
      for (let row = 0; row < rows; row++) {
        if (product[row] !== consequent || closed[row] !== noDate || !day.has(customer[row]!)) continue;
        if (opened[row]! >= required(day, customer[row]!)) after++;
        else before++;
      }
    }
    // a product that was not sold on the drawn day moves the purchase, so a part of the order is lost
    expect(after / (after + before)).toBeGreaterThan(0.7);
  });
});

test('purchases are spread over the years: a few percent more each year, and no wall of launches', () => {
  const bank = bankOf({ customers, seed: 1 });
  const { product, opened, rows } = drawHoldings(bank, catalog, 0, customers);
  const perYear = new Float64Array(20);
  const lastMonth = { all: 0, launched: 0 };
  for (let row = 0; row < rows; row++) {
    const days = bank.referenceDay - opened[row]!;
    if (days < 20 * 365) perYear[Math.floor(days / 365)]!++;
    if (days >= 30) continue;
    lastMonth.all++;
    if (bank.referenceDay - catalog.lines[product[row]!]!.saleFrom < 365) lastMonth.launched++;
  }
  for (let year = 0; year < 5; year++) {
    expect(perYear[year]! / perYear[year + 1]!, `${year} years ago`).toBeGreaterThan(0.98);
    expect(perYear[year]! / perYear[year + 1]!, `${year} years ago`).toBeLessThan(1.1);
  }
  expect(lastMonth.launched / lastMonth.all).toBeGreaterThan(0.002);
  expect(lastMonth.launched / lastMonth.all).toBeLessThan(0.15);
});

test.each([16, 100, 300, 2000])('a bank of %i products has names, families and codes for all of them', (products) => {
  const { lines, codes } = drawCatalog(bankOf({ customers: 1, products, seed: 5 }));
  expect(new Set(lines.map(({ name }) => name.korean)).size).toBe(products);
  expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
  for (const family of ['deposit', 'insurance', 'fund']) {
    expect(lines.filter((line) => line.family === family && line.saleTo === noDate).length).toBeGreaterThan(0);
  }
  for (const { name } of lines) expect(name.korean.normalize('NFC')).toMatch(/^[가-힣A-Za-z0-9e\-() ]+$/);
});

test.each([
  [{ customers: 0 }, 'customers 0'],
  [{ customers: 10, products: 15 }, 'products 15'],
  [{ customers: 10, referenceDate: '31.8.2022' }, 'referenceDate 31.8.2022'],
])('options out of range are refused: %j', (options, message) => {
  expect(() => bankOf(options)).toThrow(message);
});
