import { createInlinePool, createNodePool, required } from '@basketwise/core';
import { type NumberedRows, numberRows, type WordRows } from '@basketwise/offers';
import { expect, test } from 'vitest';
import { longTest } from '../../cases.ts';

const none = 0xffff_ffff;

/** Rows with a list of two, and a group: some without any list, some that do not take part. */
function randomRows(rows: number, kinds: number): WordRows {
  let state = 7;
  const draw = (most: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % most;
  };
  const list = () => Int32Array.from({ length: rows }, () => draw(kinds + 1) - 1);
  const group = Uint32Array.from({ length: rows }, () => (draw(50) === 0 ? none : draw(3)));
  return { rows, columns: [list(), list(), group], lists: 2 };
}

/** Numbers of the rows of a kernel's answer. */
function numbered({ codeOf, numbers }: NumberedRows): Uint32Array {
  return codeOf.map((code) => (code === none ? none : numbers[code]!));
}

/** The same by a map. */
function numbersOf({ rows, columns, lists, has = () => true }: WordRows): { keys: number[]; numberOf: number[] } {
  const known = new Map<string, number>();
  const keys: number[] = [];
  const numberOf = Array.from({ length: rows }, (_, row) => {
    const words = columns.map((column) => column[row]! >>> 0);
    if (words.at(-1) === none || words.slice(0, lists).every((word) => word === none) || !has(row)) return none;
    const key = words.join();
    if (!known.has(key)) {
      known.set(key, known.size);
      keys.push(...words);
    }
    return required(known, key);
  });
  return { keys, numberOf };
}

test.each([
  [0, 1],
  [1, 1],
  [5_000, 4],
  [5_000, 3_000],
])('rows are numbered in the order in which they come first: %i rows, %i lists', async (rows, kinds) => {
  const given = { ...randomRows(rows, kinds), has: (row: number) => row % 7 !== 3 };
  const expected = numbersOf(given);
  const pool = createInlinePool();
  const { bytes } = pool.memory.usage;
  const found = await numberRows(pool, given);
  const { count, keys } = found;
  expect(pool.memory.usage.bytes).toBe(bytes);
  expect(count).toBe(expected.keys.length / 3);
  expect([...keys]).toEqual(expected.keys);
  expect([...numbered(found)]).toEqual(expected.numberOf);
});

longTest('more numbers than there was room for, and any number of workers', async () => {
  const given = randomRows(600_000, 100_000);
  const expected = numbersOf(given);
  expect(expected.keys.length / 3).toBeGreaterThan(2 ** 19);
  for (const workers of [1, 3]) {
    const pool = await createNodePool(workers);
    try {
      const found = await numberRows(pool, given);
      expect(Buffer.compare(Buffer.from(found.keys.buffer), Buffer.from(Uint32Array.from(expected.keys).buffer))).toBe(0);
      const same = Buffer.compare(Buffer.from(numbered(found).buffer), Buffer.from(Uint32Array.from(expected.numberOf).buffer));
      expect(same).toBe(0);
    } finally {
      await pool.close();
    }
  }
});
