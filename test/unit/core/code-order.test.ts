import { codeOrder, compareCodes } from '@basketwise/core';
import { expect, test } from 'vitest';

test('codes are ordered by their UTF-8 bytes', () => {
  const codes = ['b', '예금', '', 'a', 'ab', '\u{1F600}', '\uFFFD', '가', 'A', '10', '9', 'é', 'e\u0301'];
  const byBytes = [...codes].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(codeOrder(codes).map((i) => codes[i])).toEqual(byBytes);
  expect([...codes].sort(compareCodes)).toEqual(byBytes);
  expect(codeOrder(['x', 'x', 'a'])).toEqual([2, 0, 1]);
});
