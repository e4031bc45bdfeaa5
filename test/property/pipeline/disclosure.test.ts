import { createRandom } from '@basketwise/core';
import { publishedCount, publishedParts } from '@basketwise/data/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const count = fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 0, max: 12 }) }, fc.integer({ min: 0, max: 60 }), fc.nat(3000));

/** Total among the numbers, and the positions of the numbers that sum to it. */
interface Sum {
  places: readonly number[];
  total: number;
  /** Whether the total is known exactly. */
  isExact?: boolean;
}

type Range = readonly [number, number];

/** All that a published number can stand for, if a hidden one below 10 is known to be small. */
function rangeOf(published: number | null, actual: number): Range {
  if (published !== null) return [published, published === 0 ? 0 : published + 9];
  return actual < 10 ? [1, 9] : [10, 5000];
}

/** Ranges of numbers that an attacker derives from the published numbers and totals, by intervals until nothing changes. */
function derived(numbers: readonly number[], shown: readonly (number | null)[], sums: readonly Sum[]): Range[] {
  const ranges = numbers.map((number, place) => rangeOf(shown[place]!, number));
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const { places, total, isExact } of sums) {
      const [least, most] = isExact ? [total, total] : rangeOf(publishedCount(total), total);
      for (const place of places) {
        const others = places.filter((other) => other !== place).map((other) => ranges[other]!);
        const [low, high] = ranges[place]!;
        const narrowed: Range = [
          Math.max(low, least - others.reduce((sum, range) => sum + range[1], 0)),
          Math.min(high, most - others.reduce((sum, range) => sum + range[0], 0)),
        ];
        if (narrowed[0] === low && narrowed[1] === high) continue;
        ranges[place] = narrowed;
        isChanged = true;
      }
    }
  }
  return ranges;
}

/** Widths of the derived ranges of all hidden small numbers: how many values remain possible. */
function widths(numbers: readonly number[], shown: readonly (number | null)[], sums: readonly Sum[]): number[] {
  const ranges = derived(numbers, shown, sums);
  return numbers.flatMap((number, place) =>
    number > 0 && number < 10 && shown[place] === null ? [ranges[place]![1] - ranges[place]![0] + 1] : [],
  );
}

const below = (random: ReturnType<typeof createRandom>, most: number) => Math.floor(random.next() * most);
/** Small numbers as often as others. */
const drawn = (random: ReturnType<typeof createRandom>) => (below(random, 2) === 0 ? below(random, 10) : 10 + below(random, 60));
const indices = (length: number) => Array.from({ length }, (_, i) => i);

/** Widths over many drawn tables. */
function widthsOf(seed: number, table: (random: ReturnType<typeof createRandom>) => number[]): number[] {
  const random = createRandom(seed);
  const all: number[] = [];
  while (all.length < 4000) all.push(...table(random));
  return all;
}

test('ten customers are published, and nine are not', () => {
  expect([0, 1, 9, 10, 19, 20].map((customers) => publishedCount(customers))).toEqual([0, null, null, 10, 10, 20]);
  expect([29, 30, 59, 60].map((rows) => publishedCount(rows, 3))).toEqual([null, 30, 30, 60]);
});

test('differences, sums and multiples of published numbers are tens, so none is a number from 1 to 9', () => {
  fc.assert(
    fc.property(
      fc.array(count, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 8, maxLength: 8 }),
      (parts, factors) => {
        const combined = publishedParts(parts).reduce<number>((sum, part, i) => sum + (part ?? 0) * factors[i]!, 0);
        expect(Math.abs(combined % 10)).toBe(0);
      },
    ),
  );
});

describe('an attacker with intervals', () => {
  const totalOf = (numbers: readonly number[], places: readonly number[]): Sum => ({
    places,
    total: places.reduce((sum, place) => sum + numbers[place]!, 0),
  });

  test('is left five values or more of a hidden part beside a shown one', () => {
    const left = widthsOf(1, (random) => {
      const parts = indices(2 + below(random, 8)).map(() => drawn(random));
      const shown = publishedParts(parts);
      return shown.every((part) => part === null || part === 0)
        ? []
        : widths(parts, shown, [totalOf(parts, indices(parts.length))]);
    });
    expect(left.filter((width) => width < 5)).toEqual([]);
  });

  test('knows no cell of a table with margins, and fewer than five values of hardly one in two hundred', () => {
    const left = widthsOf(2, (random) => {
      const [rows, columns] = [2 + below(random, 3), 2 + below(random, 3)];
      const cells = indices(rows * columns).map(() => drawn(random));
      const lines = [
        ...indices(rows).map((row) => indices(columns).map((column) => row * columns + column)),
        ...indices(columns).map((column) => indices(rows).map((row) => row * columns + column)),
      ];
      return widths(
        cells,
        publishedParts(cells),
        lines.map((places) => totalOf(cells, places)),
      );
    });
    expect(left.filter((width) => width < 2)).toEqual([]);
    expect(left.filter((width) => width < 5).length / left.length).toBeLessThan(0.005);
  });

  test('hardly knows a part of a total that is known exactly, as one more part is hidden', () => {
    const shares = [true, false].map((isHidden) => {
      const left = widthsOf(3, (random) => {
        const parts = [1 + below(random, 9), ...indices(1 + below(random, 5)).map(() => 10 + below(random, 60))];
        return widths(parts, publishedParts(parts, isHidden), [{ ...totalOf(parts, indices(parts.length)), isExact: true }]);
      });
      // 11 customers in two parts of which one has ten or more: the other has one.
      if (isHidden) expect(left.filter((width) => width < 2).length / left.length).toBeLessThan(0.001);
      return left.filter((width) => width < 5).length / left.length;
    });
    expect(shares[0]).toBeLessThan(0.005);
    expect(shares[1]).toBeGreaterThan(0.05);
  });
});
