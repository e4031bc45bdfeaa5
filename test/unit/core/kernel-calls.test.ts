import { createInlinePool, offset } from '@basketwise/core';
import { expect, test } from 'vitest';

test('arguments reach their kernel by name, in any order', async () => {
  const pool = createInlinePool();
  const target = pool.memory.store(Uint8Array.of(1, 2, 3, 4));
  await pool.run('fillZero', [
    { bytes: 1, target },
    { target: offset(target, 2), bytes: 2 },
  ]);
  expect([...pool.memory.u8(target, 4)]).toEqual([0, 2, 0, 0]);
});
