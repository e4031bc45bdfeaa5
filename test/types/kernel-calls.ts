import { createInlinePool, type KernelCall, offset } from '@basketwise/core';

/**
 * Calls that must not compile: `tsc -p test`, a part of `npm run check`, fails where one of them does. They are never run.
 */
export function wrongCalls(): unknown[] {
  const pool = createInlinePool();
  const records = pool.memory.allocate(64);
  const start = pool.memory.allocate(64);
  const right: KernelCall<'csrCount'> = { records, count: 4, from: 0, to: 4, start };
  const { to: _, ...withoutTo } = right;
  return [
    pool.run('csrCount', [right]),
    // @ts-expect-error an argument is missing
    pool.run('csrCount', [{ records, count: 4, from: 0, start }]),
    // @ts-expect-error an argument is missing among those that are spread
    pool.run('csrCount', [{ ...withoutTo }]),
    // @ts-expect-error an address and a count are swapped
    pool.run('csrCount', [{ records: 4, count: records, from: 0, to: 4, start }]),
    // @ts-expect-error a number is no address
    pool.run('csrCount', [{ ...right, start: 128 }]),
    // @ts-expect-error nor is the sum of an address and a number, unless `offset` adds them
    pool.run('csrCount', [{ ...right, start: start + 4 }]),
    pool.run('csrCount', [{ ...right, start: offset(start, 4) }]),
    // @ts-expect-error an address is no count
    pool.run('csrCount', [{ ...right, count: start }]),
    // @ts-expect-error no kernel has this argument
    pool.run('csrCount', [{ ...right, band: 4 }]),
    // @ts-expect-error arguments by place
    pool.run('csrCount', [[records, 4, 0, 4, start]]),
    // @ts-expect-error the arguments of another kernel
    pool.run('csrOffsets', [right]),
    // @ts-expect-error no such kernel
    pool.run('csrCounts', [right]),
    // @ts-expect-error this kernel takes no scratch space
    pool.run('csrCount', [right], 64),
    // @ts-expect-error this one needs some
    pool.run('compressSnappy', [{ input: records, bytes: 64, target: start }]),
    pool.run('compressSnappy', [{ input: records, bytes: 64, target: start }], 2 ** 16),
  ];
}
