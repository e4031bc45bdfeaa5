import { expect, test } from 'vitest';
import { parseTarHeader, tarHeader, tarPadding } from '../../../packages/audit/src/archive/tar.ts';

test('contents end with a block, without a further one where they fill their last', () => {
  expect([0, 1, 511, 512, 513, 1024].map((bytes) => tarPadding(bytes).length)).toEqual([0, 511, 1, 0, 511, 0]);
});

test('names and sizes of all lengths are read from their headers, which are whole blocks', () => {
  for (const [name, bytes] of [
    ['a', 0],
    ['x'.repeat(100), 8 ** 11 - 1],
    ['x'.repeat(300), 1],
    ['ä.csv', 8 ** 11],
  ] as const) {
    const header = tarHeader(name, bytes);
    expect(header.length % 512).toBe(0);
    expect(parseTarHeader(header)).toEqual({ name, bytes });
  }
});
