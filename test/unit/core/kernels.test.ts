import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createInlinePool, offset } from '@basketwise/core';
import { expect, test } from 'vitest';
import { parameterOrder } from '../../../packages/core/src/generated/kernel-calls.ts';

const codeSection = 10;
const dataSection = 11;

/** Numbers of a binary's sections, in order. */
function sectionsOf(module: Buffer): number[] {
  const sections: number[] = [];
  for (let at = 8; at < module.length; ) {
    sections.push(module[at++]!);
    let [size, shift] = [0, 0];
    do size |= (module[at]! & 0x7f) << (7 * shift++);
    while (module[at++]! & 0x80);
    at += size;
  }
  return sections;
}

const generated = new URL('../../../packages/core/src/generated/kernels.ts', import.meta.url);

test('kernels stay under 64 KiB and bring no data of their own', async () => {
  const base64 = /base64 =\s+'([^']+)'/.exec(await readFile(fileURLToPath(generated), 'utf8'))![1]!;
  const module = Buffer.from(base64, 'base64');
  expect(WebAssembly.validate(module)).toBe(true);
  // All memory is the host's: a table that a library function brings along would be overwritten.
  expect(sectionsOf(module)).not.toContain(dataSection);
  expect(sectionsOf(module)).toContain(codeSection);
  expect(module.length).toBeLessThan(64 * 1024);
});

test('no kernel takes more than ten numbers', () => {
  const long = Object.entries(parameterOrder).filter(([, names]) => names.length > 10);
  expect(long.map(([kernel]) => kernel)).toEqual([]);
});

test('arguments reach their kernel by name, in any order', async () => {
  const pool = createInlinePool();
  const target = pool.memory.store(Uint8Array.of(1, 2, 3, 4));
  await pool.run('fillZero', [
    { bytes: 1, target },
    { target: offset(target, 2), bytes: 2 },
  ]);
  expect([...pool.memory.u8(target, 4)]).toEqual([0, 2, 0, 0]);
});
