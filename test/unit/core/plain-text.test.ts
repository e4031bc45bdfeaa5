import { codeOrder, compareCodes } from '@basketwise/core';
import { plainLine, plainText } from '@basketwise/core/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const anyText = fc.string({ unit: 'binary' });

test('what acts on a terminal or turns the direction of text is shown, not obeyed', () => {
  expect(plainText('적금\u001b[2J\u009b31m\r\u202e\u0007')).toBe('적금\\u001b[2J\\u009b31m\\u000d\\u202e\\u0007');
});

test('line breaks and tabs stay in texts, not in lines', () => {
  expect(plainText('a\tb\nc')).toBe('a\tb\nc');
  expect(plainLine('a\tb\nc')).toBe('a\\u0009b\\u000ac');
});

test('no text keeps a control character', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(plainText(text)).not.toMatch(/[^\P{Cc}\n\t]/u);
      expect(plainLine(text)).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    }),
  );
});

test('JSON stays the same JSON', () => {
  fc.assert(
    fc.property(fc.array(anyText), (value) => {
      expect(JSON.parse(plainText(JSON.stringify(value, null, 2)))).toEqual(value);
    }),
  );
});

test('codes are ordered by their UTF-8 bytes', () => {
  const codes = ['b', '예금', '', 'a', 'ab', '\u{1F600}', '\uFFFD', '가', 'A', '10', '9', 'é', 'e\u0301'];
  const byBytes = [...codes].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(codeOrder(codes).map((i) => codes[i])).toEqual(byBytes);
  expect([...codes].sort(compareCodes)).toEqual(byBytes);
  expect(codeOrder(['x', 'x', 'a'])).toEqual([2, 0, 1]);
});
