import { type KernelPool, offset } from '@basketwise/core';

/** Number of parts that are sorted in parallel. A part is a range of words of the first column; parts have roughly equal numbers of rows. */
const sortedRanges = 8;

/** Sort keys of numbers (classes of customers). The key of a number is a row of words. */
export interface NumberedKeys {
  /** Words of each row, u32[numbers x words]. The columns to sort by come first. 2^32 - 1 marks an absent word, which sorts before all others. */
  keys: Uint32Array;
  words: number;
  columns: number;
}

/** Sorts numbers lexicographically by the columns of their rows. The sort is stable. The result does not depend on the number of workers. */
export async function orderByColumns(
  pool: KernelPool,
  numbers: Uint32Array,
  { keys, words, columns }: NumberedKeys,
): Promise<Uint32Array> {
  const { memory } = pool;
  const mark = memory.mark();
  try {
    const most = greatestKey(numbers, { keys, words, columns });
    const ranges = rangesOf(numbers, { keys, words }, most);
    const common = { numbers: memory.store(numbers), count: numbers.length, keys: memory.store(keys), words, columns };
    const [sorted, room] = [memory.allocate(numbers.length * 4), memory.allocate(numbers.length * 16)];
    await pool.run(
      'orderByColumns',
      ranges.map(({ low, high, first }) => {
        return { ...common, low, high, sorted: offset(sorted, first * 4), room: offset(room, first * 16) };
      }),
      (most + 2) * 4,
    );
    return memory.u32(sorted, numbers.length).slice();
  } finally {
    memory.release(mark);
  }
}

/** Greatest word of the sorted columns, plus 1; 0 if all words are absent. */
function greatestKey(numbers: Uint32Array, { keys, words, columns }: NumberedKeys): number {
  let most = 0;
  for (let i = 0; i < numbers.length; i++) {
    for (let at = numbers[i]! * words, end = at + columns; at < end; at++) most = Math.max(most, (keys[at]! + 1) >>> 0);
  }
  return most;
}

/** Ranges of sort keys (word + 1) of the first column, low to below high, and the number of rows before each range. */
function rangesOf(
  numbers: Uint32Array,
  { keys, words }: Pick<NumberedKeys, 'keys' | 'words'>,
  most: number,
): { low: number; high: number; first: number }[] {
  const counts = new Uint32Array(most + 1);
  for (let i = 0; i < numbers.length; i++) counts[(keys[numbers[i]! * words]! + 1) >>> 0]!++;
  const ranges: { low: number; high: number; first: number }[] = [];
  let [low, first, seen] = [0, 0, 0];
  for (let key = 0; key <= most; key++) {
    seen += counts[key]!;
    if (key < most && seen - first < numbers.length / sortedRanges) continue;
    ranges.push({ low, high: key + 1, first });
    [low, first] = [key + 1, seen];
  }
  return ranges;
}
