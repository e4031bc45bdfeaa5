import { createInlinePool, createNodePool, createRandom } from '@basketwise/core';
import { type NumberedKeys, orderByColumns } from '@basketwise/offers';
import { expect, test } from 'vitest';

const none = 0xffff_ffff;

/** Rows of some columns and a word that does not count; about a fifth of a column is none. */
function randomKeys(rows: number, columns: number, kinds: number): NumberedKeys {
  const random = createRandom(rows + columns);
  const draw = () => (random.next() < 0.2 ? none : Math.floor(random.next() * kinds));
  return { keys: Uint32Array.from({ length: rows * (columns + 1) }, draw), words: columns + 1, columns };
}

/** Every third row is left out. */
function numbersOf(rows: number): Uint32Array {
  return Uint32Array.from(Array.from({ length: rows }, (_, i) => i).filter((i) => i % 3 !== 1));
}

/** The same by comparing rows, none first. */
function sorted(numbers: Uint32Array, { keys, words, columns }: NumberedKeys): number[] {
  const key = (number: number, column: number) => (keys[number * words + column]! + 1) % 2 ** 32;
  return [...numbers].sort((a, b) => {
    for (let column = 0; column < columns; column++) {
      if (key(a, column) !== key(b, column)) return key(a, column) - key(b, column);
    }
    return a - b;
  });
}

test.each([
  [0, 2, 3],
  [1, 1, 1],
  [500, 1, 7],
  [5_000, 2, 5],
  [5_000, 3, 40],
  [3_000, 6, 2],
])('numbers are ordered by their columns, equal ones as they were: %i rows, %i columns of %i', async (rows, columns, kinds) => {
  const given = randomKeys(rows, columns, kinds);
  const numbers = numbersOf(rows);
  for (const pool of [createInlinePool(), await createNodePool(3)]) {
    const { bytes } = pool.memory.usage;
    expect([...(await orderByColumns(pool, numbers, given))]).toEqual(sorted(numbers, given));
    expect(pool.memory.usage.bytes).toBe(bytes);
    await pool.close();
  }
});
