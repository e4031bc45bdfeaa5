import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError, createInlinePool, createNodePool, type KernelPool, nowhere, offset } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { createWorkerPool } from '../../../packages/core/src/wasm/worker-pool.ts';

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
      Array.from({ length: 32 }, (_, i) => ({ target: offset(address, i * 128), bytes: 64 })),
    );
    const bytes = pool.memory.u8(address, 4096);
    expect(bytes.filter((byte) => byte === 0).length).toBe(32 * 64);
    expect(bytes[64]).toBe(7);
    await pool.close();
  });

  test('a kernel that traps is an error, not a hang', async () => {
    const pool = await create();
    await expect(pool.run('fillZero', [{ target: offset(nowhere, 0xffff_fff0), bytes: 4096 }])).rejects.toThrow();
    await pool.close();
  });
});

describe('worker threads', () => {
  test.each([[{ workers: 2 }], ['2'], [0], [1.5], [Number.NaN]])('are not %o: refused', async (workers) => {
    await expect(createNodePool(workers as number)).rejects.toMatchObject({ name: 'AppError', code: 'usage' });
  });

  test('do not start where their memory cannot be had', async () => {
    let started = 0;
    const spawn = () => {
      started++;
      throw new Error('no thread is wanted');
    };
    await expect(createWorkerPool(2, spawn, 2 ** 40)).rejects.toThrow(/memory/i);
    expect(started).toBe(0);
  });

  test('a run that is under way when its pool is closed is an error, not a hang', async () => {
    const pool = await createNodePool(2);
    const address = pool.memory.allocate(2 ** 26);
    const calls = Array.from({ length: 2000 }, () => ({ target: address, bytes: 2 ** 26 }));
    const run = pool.run('fillZero', calls);
    await pool.close();
    await expect(run).rejects.toThrow('its pool was closed');
    await expect(pool.run('fillZero', calls)).rejects.toThrow(AppError);
    await expect(pool.run('fillZero', calls.slice(0, 1))).rejects.toThrow(AppError);
  });

  test('that are left open do not keep the process alive; those at work do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'basketwise-pool-'));
    const program = join(folder, 'program.mjs');
    await writeFile(
      program,
      `import { createNodePool } from ${JSON.stringify(new URL('../../../packages/core/dist/node.js', import.meta.url).href)};
      const pool = await createNodePool(2);
      const address = pool.memory.allocate(64);
      console.log((await pool.run('fillZero', [{ target: address, bytes: 64 }, { target: address, bytes: 64 }])).length);`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 30_000 });
    await rm(folder, { recursive: true });
    expect(stdout).toBe('2\n');
  });
});

test('kernel memory is a stack: released space is taken again, wrong marks are refused', () => {
  const { memory } = createInlinePool();
  const mark = memory.mark();
  const first = memory.allocate(100);
  memory.release(mark);
  expect(memory.allocate(50)).toBe(first);
  expect(first % 64).toBe(0);
  expect(() => memory.release(offset(memory.mark(), 64))).toThrow(AppError);
  expect(() => memory.allocate(2 ** 33)).toThrow(/kernel memory exhausted/);
});
