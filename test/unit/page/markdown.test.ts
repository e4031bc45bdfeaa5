import { markdownTable, markdownText } from '@basketwise/page';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('a text in Markdown', () => {
  test.each([
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    ['a | b', 'a \\| b'],
    ['[정기](javascript:x)', '\\[정기\\](javascript:x)'],
    ['`code` *bold* a_b', '\\`code\\` \\*bold\\* a_b'],
    ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
    ['# 1', '\\# 1'],
    ['line\nbreak\u001b[2J', 'line\\\\u000abreak\\\\u001b\\[2J'],
    ['정기예금 (1년) 2.5 %', '정기예금 (1년) 2.5 %'],
  ])('%j is shown as it is', (text, shown) => expect(markdownText(text)).toBe(shown));

  test('with any text in cells, a table has as many lines and cells as it was given, and no HTML', () => {
    const cell = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
        const lines = markdownTable(['a', 'b'], rows).split('\n');
        expect(lines).toHaveLength(rows.length + 3);
        for (const line of lines.slice(0, -1)) expect(line.split(/(?<!(?<!\\)(?:\\\\)*\\)\|/)).toHaveLength(4);
        expect(lines.join('')).not.toMatch(/[<>]/);
      }),
    );
  });
});
