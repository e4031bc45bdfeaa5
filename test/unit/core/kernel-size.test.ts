import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const generated = new URL('../../../packages/core/src/generated/', import.meta.url);

test.each(['shared', 'single'])('the %s kernels stay under 64 KiB', async (target) => {
  const text = await readFile(fileURLToPath(new URL(`kernels-${target}.ts`, generated)), 'utf8');
  const base64 = /base64 =\s+'([^']+)'/.exec(text)![1]!;
  const module = Buffer.from(base64, 'base64');
  expect(WebAssembly.validate(module)).toBe(true);
  expect(module.length).toBeLessThan(64 * 1024);
});
