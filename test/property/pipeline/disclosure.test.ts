import { publishedCells, publishedCount, publishedParts } from '@basketwise/data/published';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const count = fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 0, max: 12 }) }, fc.integer({ min: 0, max: 60 }), fc.nat(3000));

/** All that an attacker can take a published number for, who knows the smallness of hidden ones. */
function valuesOf(published: number | null, actual: number): [number, number] {
  if (published !== null) return [published, published === 0 ? 0 : published + 9];
  return actual < 10 ? [1, 9] : [10, 5000];
}

/** Values from 1 to 9 of one part that some other values of the other parts and of the total allow: by trying. */
function possible(parts: readonly number[], shown: readonly (number | null)[], total: number, place: number): number[] {
  const others = parts.flatMap((part, i) => (i === place ? [] : [valuesOf(shown[i]!, part)]));
  const [least, most] = [others.reduce((sum, [low]) => sum + low, 0), others.reduce((sum, [, high]) => sum + high, 0)];
  const [low, high] = valuesOf(total > 0 && total < 10 ? null : Math.floor(total / 10) * 10, total);
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((value) => value + most >= low && value + least <= high);
}

test('ten customers are published, and nine are not', () => {
  expect([0, 1, 9, 10, 19, 20].map((customers) => publishedCount(customers))).toEqual([0, null, null, 10, 10, 20]);
  expect([29, 30, 59, 60].map((rows) => publishedCount(rows, 3))).toEqual([null, 30, 30, 60]);
});

describe('numbers that add up', () => {
  test('are tens or hidden, and no small one follows from the total less the others', () => {
    fc.assert(
      fc.property(fc.array(count, { minLength: 1, maxLength: 12 }), (parts) => {
        const total = parts.reduce((sum, part) => sum + part, 0);
        const shown = publishedParts(parts, total);
        for (const [i, part] of parts.entries()) {
          if (shown[i] !== null) expect(shown[i]).toBe(Math.floor(part / 10) * 10);
          if (part > 0 && part < 10) expect(shown[i]).toBeNull();
          const isAlone = parts.filter((other) => other > 0).length === 1;
          // beside parts that are all hidden, a small one is at most what the total leaves
          const isAllHidden = parts.every((other, j) => other === 0 || shown[j] === null);
          if (part > 0 && part < 10 && !isAlone && !isAllHidden)
            expect(possible(parts, shown, total, i).length).toBeGreaterThanOrEqual(5);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('differences, sums and multiples of published numbers are tens, so none is a number from 1 to 9', () => {
    fc.assert(
      fc.property(
        fc.array(count, { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 8, maxLength: 8 }),
        (parts, factors) => {
          const shown = publishedParts(
            parts,
            parts.reduce((sum, part) => sum + part, 0),
          );
          const found = shown.reduce<number>((sum, part, i) => sum + (part ?? 0) * factors[i]!, 0);
          expect(Math.abs(found % 10)).toBe(0);
        },
      ),
    );
  });

  test('totals among the numbers are published with them: no small part follows from its runs, campaigns and all together', () => {
    const shape = fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 4 }));
    const report = shape.chain(([runs, campaigns]) =>
      fc.tuple(fc.constant([runs, campaigns]), fc.array(count, { minLength: runs * campaigns, maxLength: runs * campaigns })),
    );
    fc.assert(
      fc.property(report, ([[runs, campaigns], leaves]) => {
        const numbers = [...leaves];
        const add = (places: number[]) => ({
          ...{ places, of: numbers.push(places.reduce((sum, place) => sum + numbers[place]!, 0)) - 1 },
          total: numbers.at(-1)!,
        });
        const line = (length: number, at: (i: number) => number) => Array.from({ length }, (_, i) => at(i));
        const ofRuns = line(runs!, (r) => r).map((r) => add(line(campaigns!, (c) => r * campaigns! + c)));
        const ofCampaigns = line(campaigns!, (c) => c).map((c) => add(line(runs!, (r) => r * campaigns! + c)));
        const all = add(ofRuns.map(({ of }) => of));
        const groups = [...ofRuns, ...ofCampaigns, all, { ...all, places: ofCampaigns.map(({ of }) => of) }];
        const shown = publishedCells(numbers, groups, new Set(), new Set(numbers.keys()));
        for (const [i, number] of numbers.entries()) expect([i, shown[i]]).toEqual([i, number < 10 ? null : shown[i]]);
        // Hidden numbers below 10 stand for 0 to 9. Each group alone leaves a hidden one five values or more.
        const range = (place: number) =>
          shown[place] !== null ? [shown[place]!, shown[place]! + 9] : numbers[place]! < 10 ? [0, 9] : [10, 5000];
        for (const { places, of } of groups)
          for (const place of places.filter((one) => shown[one] === null && numbers[one]! < 10)) {
            const others = places.filter((one) => one !== place).map(range);
            const [low, high] = range(of) as [number, number];
            const least = Math.max(0, low - others.reduce((sum, one) => sum + one[1]!, 0));
            const most = Math.min(9, high - others.reduce((sum, one) => sum + one[0]!, 0));
            expect(most - least + 1).toBeGreaterThanOrEqual(5);
          }
      }),
      { numRuns: 500 },
    );
  });

  test('in a table with published margins, no small cell is narrowed to one value by rows and columns together', () => {
    const shape = fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 4 }));
    const table = shape.chain(([rows, columns]) =>
      fc.tuple(fc.constant([rows, columns]), fc.array(count, { minLength: rows * columns, maxLength: rows * columns })),
    );
    fc.assert(
      fc.property(table, ([[rows, columns], cells]) => {
        const line = (length: number, at: (i: number) => number) => Array.from({ length }, (_, i) => at(i));
        const totalOf = (places: number[]) => ({ places, total: places.reduce((sum, place) => sum + cells[place]!, 0) });
        const groups = [
          ...line(rows!, (r) => r).map((r) => totalOf(line(columns!, (c) => r * columns! + c))),
          ...line(columns!, (c) => c).map((c) => totalOf(line(rows!, (r) => r * columns! + c))),
        ];
        const shown = publishedCells(cells, groups);
        for (const { places, total } of groups) {
          const parts = places.map((place) => cells[place]!);
          const published = places.map((place) => shown[place]!);
          for (const [i, part] of parts.entries()) {
            if (!(part > 0 && part < 10) || parts.filter((other) => other > 0).length === 1) continue;
            if (parts.every((other, j) => other === 0 || published[j] === null)) continue;
            expect(possible(parts, published, total, i).length).toBeGreaterThanOrEqual(5);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
