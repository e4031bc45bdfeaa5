import {
  type Address,
  batchWords,
  type KernelMemory,
  type KernelPool,
  numberedWords,
  numberSlots,
  storeRecord,
} from '@basketwise/core';

/** Rows per kernel call. */
const numberedRows = 2 ** 18;
/** Bytes of the gap between columns. Without a gap, columns would start a power of 2 apart and compete for the same cache sets. */
const apart = 64;
/** Bytes of a hash slot, and least number of slots per number. */
const [slotBytes, spread] = [8, 2];

/** Rows of words, stored by column. */
export interface WordRows {
  rows: number;
  /** Words of the rows. The first `lists` columns are lists; 2^32 - 1 (or -1) means no list. */
  columns: readonly (Uint32Array | Int32Array)[];
  lists: number;
  /** Whether a row gets a number. Absent: all do. */
  has?: ((row: number) => boolean) | undefined;
}

/** Numbering of distinct rows. Each row has a code, and each code has a number: number = numbers[codeOf[row]]. */
export interface NumberedRows {
  count: number;
  /** Words of each distinct row, u32[count x columns]. */
  keys: Uint32Array;
  /** Code of each row, u32[rows]; 2^32 - 1 for a row without a number. */
  codeOf: Uint32Array;
  /** Number of each code, u32; arbitrary for unused codes. */
  numbers: Uint32Array;
}

/** Numbering of one part of the rows, in kernel memory. */
interface NumberedPart {
  keys: Address;
  table: Address;
  slots: number;
  /** Address of the part's record NumberSlots (assembly/offers/layouts.ts). */
  place: Address;
  /** Number of distinct rows for which memory is allocated. */
  room: number;
  count: number;
}

/**
 * Numbers distinct rows in the order of their first occurrence. Equal rows share a number.
 * Sorting the numbers changes the numbers of the codes, without a pass over the rows.
 * A row gets no number if all its list columns, or its last column, are absent (2^32 - 1).
 * The result is the same for any number of workers. Kernel memory is restored afterwards.
 */
export async function numberRows(pool: KernelPool, { rows, columns, lists, has }: WordRows): Promise<NumberedRows> {
  const { memory } = pool;
  const mark = memory.mark();
  const width = columns.length;
  const block = Math.min(rows, numberedRows);
  const codeOf = new Uint32Array(rows);
  try {
    const stride = block * 4 + apart;
    const [words, numbers] = [memory.allocate(width * stride), memory.allocate(block * 4)];
    const wordsAt = storeRecord(memory, numberedWords, { columns: words, stride, width, lists });
    const roomOf = Math.max(block, Math.ceil(rows / (4 * pool.size)));
    const parts = Array.from({ length: pool.size }, () => emptyPart(memory, roomOf, width));
    for (let first = 0; first < rows; first += block) {
      const some = Math.min(block, rows - first);
      for (const part of parts) if (part.count + some > part.room) await enlarge(pool, part, { width, some });
      const filled = memory.i32(words, (width * stride) / 4);
      for (const [i, column] of columns.entries()) filled.set(column.subarray(first, first + some), (i * stride) / 4);
      if (has) for (let i = 0; i < some; i++) if (!has(first + i)) filled[((width - 1) * stride) / 4 + i] = -1;
      const counts = await pool.run(
        'numberRows',
        parts.map(({ place, count }, part) => ({
          ...{ words: wordsAt, rows: some, first, part, parts: parts.length, place, count, numbers },
        })),
        (batchWords + width) * 4,
      );
      for (const [i, part] of parts.entries()) part.count = counts[i]!;
      codeOf.set(memory.u32(numbers, some), first);
    }
    return { ...inOrder(memory, parts, width), codeOf };
  } finally {
    memory.release(mark);
  }
}

function emptyPart(memory: KernelMemory, room: number, width: number): NumberedPart {
  let slots = 1;
  while (slots < room * spread) slots *= 2;
  const keys = memory.allocate(room * (width + 1) * 4);
  const table = memory.allocateZeroed(slots * slotBytes);
  return { keys, table, slots, place: storeRecord(memory, numberSlots, { keys, table, slots }), room, count: 0 };
}

/** Allocates memory for `some` more distinct rows. The old memory is released only with the whole numbering. */
async function enlarge(pool: KernelPool, part: NumberedPart, { width, some }: { width: number; some: number }): Promise<void> {
  const { memory } = pool;
  const next = emptyPart(memory, Math.max(part.room * 2, part.count + some), width);
  const words = part.count * (width + 1);
  memory.u32(next.keys, words).set(memory.u32(part.keys, words));
  await pool.run('moveNumbers', [{ from: part.table, fromSlots: part.slots, table: next.table, slots: next.slots }]);
  Object.assign(part, { ...next, count: part.count });
}

/** Numbers the distinct rows of all parts, in the order of their first rows. */
function inOrder(memory: KernelMemory, parts: readonly NumberedPart[], width: number): Omit<NumberedRows, 'codeOf'> {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const keys = new Uint32Array(count * width);
  const partKeys = parts.map((part) => memory.u32(part.keys, part.count * (width + 1)));
  // Index: the code that kernels write, number within the part x parts + part.
  const numbers = new Uint32Array(Math.max(0, ...parts.map((part) => part.count)) * parts.length);
  const next = parts.map(() => 0);
  for (let number = 0; number < count; number++) {
    let [least, from] = [Number.POSITIVE_INFINITY, 0];
    for (let i = 0; i < parts.length; i++) {
      const row = next[i]! < parts[i]!.count ? partKeys[i]![next[i]! * (width + 1) + width]! : Number.POSITIVE_INFINITY;
      if (row < least) [least, from] = [row, i];
    }
    const at = next[from]!++;
    const words = partKeys[from]!;
    for (let to = number * width, i = at * (width + 1), end = i + width; i < end; i++) keys[to++] = words[i]!;
    numbers[at * parts.length + from] = number;
  }
  return { count, keys, numbers };
}
