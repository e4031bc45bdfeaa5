import { type Address, batchWords, type KernelMemory, type KernelPool } from '@basketwise/core/parts';

/** Rows that are numbered at a time. */
const blockRows = 2 ** 18;
/** Bytes between columns: rows of columns a power of 2 apart would share lines of the cache. */
const apart = 64;
/** Bytes of a slot of a table, and slots for each number at least. */
const [slotBytes, spread] = [8, 2];

/** Columns of words. */
export interface WordRows {
  rows: number;
  /** Each of `rows` words; the first `lists` of them are none (2^32 - 1, or -1) where there is no list. */
  columns: readonly (Uint32Array | Int32Array)[];
  lists: number;
  /** Whether a row takes part; absent: all do. */
  has?: ((row: number) => boolean) | undefined;
}

/** Rows by what they hold. */
export interface NumberedRows {
  count: number;
  /** u32[count x columns]: words of each number. */
  keys: Uint32Array;
  /** u32[rows]: code of each row, none where it takes no part. */
  codeOf: Uint32Array;
  /** u32: number of each code; of what is no code, any. */
  numbers: Uint32Array;
}

/** Numbers of one part of the rows, in kernel memory. */
interface NumberedPart {
  keys: Address;
  table: Address;
  slots: number;
  /** Numbers that there is room for. */
  room: number;
  count: number;
}

/**
 * Numbers rows by what they hold, in the order in which that comes first: equal rows share a number. A row has it by its code, so that whoever renumbers the rows
 * passes over them once. Rows without any list, or with none in the last column, take no part. Numbers are the same for any number of workers; kernel memory is as
 * before afterwards.
 */
export async function numberRows(pool: KernelPool, { rows, columns, lists, has }: WordRows): Promise<NumberedRows> {
  const { memory } = pool;
  const mark = memory.mark();
  const width = columns.length;
  const block = Math.min(rows, blockRows);
  const codeOf = new Uint32Array(rows);
  try {
    const stride = block * 4 + apart;
    const [words, numbers] = [memory.allocate(width * stride), memory.allocate(block * 4)];
    const roomOf = Math.max(block, Math.ceil(rows / (4 * pool.size)));
    const parts = Array.from({ length: pool.size }, () => emptyPart(memory, roomOf, width));
    for (let first = 0; first < rows; first += block) {
      const some = Math.min(block, rows - first);
      for (const part of parts) if (part.count + some > part.room) await grow(pool, part, { width, some });
      const filled = memory.i32(words, (width * stride) / 4);
      for (const [i, column] of columns.entries()) filled.set(column.subarray(first, first + some), (i * stride) / 4);
      if (has) for (let i = 0; i < some; i++) if (!has(first + i)) filled[((width - 1) * stride) / 4 + i] = -1;
      const counts = await pool.run(
        'numberRows',
        parts.map(({ keys, table, slots, count }, part) => ({
          ...{ rows: some, columns: words, stride, width, lists, first, part, parts: parts.length },
          ...{ keys, table, slots, count, numbers },
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
  return { keys, table: memory.allocateZeroed(slots * slotBytes), slots, room, count: 0 };
}

/** Makes room for `some` more numbers; what was there before stays behind until all is released. */
async function grow(pool: KernelPool, part: NumberedPart, { width, some }: { width: number; some: number }): Promise<void> {
  const { memory } = pool;
  const next = emptyPart(memory, Math.max(part.room * 2, part.count + some), width);
  const words = part.count * (width + 1);
  memory.u32(next.keys, words).set(memory.u32(part.keys, words));
  await pool.run('moveNumbers', [{ from: part.table, fromSlots: part.slots, table: next.table, slots: next.slots }]);
  Object.assign(part, { ...next, count: part.count });
}

/** Numbers of all parts by their first rows. */
function inOrder(memory: KernelMemory, parts: readonly NumberedPart[], width: number): Omit<NumberedRows, 'codeOf'> {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const keys = new Uint32Array(count * width);
  const known = parts.map((part) => memory.u32(part.keys, part.count * (width + 1)));
  // by number x parts + part, as kernels write it
  const numbers = new Uint32Array(Math.max(0, ...parts.map((part) => part.count)) * parts.length);
  const next = parts.map(() => 0);
  for (let number = 0; number < count; number++) {
    let [least, from] = [Number.POSITIVE_INFINITY, 0];
    for (let i = 0; i < parts.length; i++) {
      const row = next[i]! < parts[i]!.count ? known[i]![next[i]! * (width + 1) + width]! : Number.POSITIVE_INFINITY;
      if (row < least) [least, from] = [row, i];
    }
    const at = next[from]!++;
    const words = known[from]!;
    for (let to = number * width, i = at * (width + 1), end = i + width; i < end; i++) keys[to++] = words[i]!;
    numbers[at * parts.length + from] = number;
  }
  return { count, keys, numbers };
}
