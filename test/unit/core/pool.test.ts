import { AppError, createInlinePool, type KernelPool } from '@basketwise/core';
import { createNodePool } from '@basketwise/core/node';
import { describe, expect, test } from 'vitest';

const hosts: [string, () => Promise<KernelPool>][] = [
  ['inline', async () => createInlinePool()],
  ['1 worker', () => createNodePool(1)],
  ['3 workers', () => createNodePool(3)],
];

describe.each(hosts)('kernel pool, %s', (_, create) => {
  test('calls a kernel once per call and returns when all are done', async () => {
    const pool = await create();
    const address = pool.memory.allocate(4096);
    pool.memory.u8(address, 4096).fill(7);
    await pool.run(
      'fillZero',
      Array.from({ length: 32 }, (_, i) => [address + i * 128, 64]),
    );
    const bytes = pool.memory.u8(address, 4096);
    expect(bytes.filter((byte) => byte === 0).length).toBe(32 * 64);
    expect(bytes[64]).toBe(7);
    await pool.close();
  });

  test('a kernel that traps is an error, not a hang', async () => {
    const pool = await create();
    await expect(pool.run('fillZero', [[0xffff_fff0, 4096]])).rejects.toThrow();
    await pool.close();
  });
});

test('kernel memory is a stack: released space is taken again, wrong marks are refused', () => {
  const { memory } = createInlinePool();
  const mark = memory.mark();
  const first = memory.allocate(100);
  memory.release(mark);
  expect(memory.allocate(50)).toBe(first);
  expect(first % 64).toBe(0);
  expect(() => memory.release(memory.mark() + 64)).toThrow(AppError);
  expect(() => memory.allocate(2 ** 33)).toThrow(/kernel memory exhausted/);
});
