import { type Address, createInlinePool, type KernelMemory, offset } from '@basketwise/core';
import { expect, test } from 'vitest';

/** The top of kernel memory: as close to 4 GiB as an allocation of `bytes` may come. */
function allocateLast(memory: KernelMemory, bytes: number): Address {
  const end = [0, 16].map((pages) => 2 ** 32 - pages * 65_536);
  memory.allocate(end[1]! - memory.mark() - bytes);
  try {
    return memory.allocate(end[0]! - memory.mark());
  } catch {
    return memory.allocate(bytes);
  }
}

/** Lets a kernel count `count` records of one customer at an address. */
async function countAt(address: (memory: KernelMemory, bytes: number) => Address, count = 128): Promise<number> {
  const pool = createInlinePool();
  const start = pool.memory.allocateZeroed(64);
  address(pool.memory, count * 8);
  const end = pool.memory.mark();
  const last = offset(end, -count * 8);
  pool.memory.u32(last, count * 2).fill(0);
  await pool.run('csrCount', [{ records: last, count, from: 0, to: 1, start }]);
  return pool.memory.u32(start, 2)[1]!;
}

test('kernels read what lies last in memory, up to its very end', async () => {
  expect(await countAt(allocateLast)).toBe(128);
});

test('kernels read across 2 GiB, where signed addresses would turn negative', async () => {
  const across = (memory: KernelMemory, bytes: number) => {
    memory.allocate(2 ** 31 - bytes / 2 - memory.mark());
    return memory.allocate(bytes);
  };
  expect(await countAt(across)).toBe(128);
});

test('what would end at 2^32, or beyond, is refused', () => {
  const { memory } = createInlinePool();
  const before = memory.mark();
  for (const bytes of [2 ** 32 - 1024, 2 ** 32, 2 ** 40]) {
    expect(() => memory.allocate(bytes)).toThrow('kernel memory exhausted');
    expect(memory.mark()).toBe(before);
  }
});
