import { textTable } from '@basketwise/page';
import { expect, test } from 'vitest';
import { outcomesText } from '../../../packages/pipeline/src/outcomes/outcomes-text.ts';
import { readOutOf } from '../../reference/published-attacks.ts';

const linesOf = (text: string) => text.trimEnd().split('\n');

/** Effect report of campaigns: customers offered, of them bought, control, of them bought. */
const reportOf = (campaigns: readonly [number, number, number, number][], width: number) =>
  outcomesText(readOutOf(campaigns), width);

test('an effect report fits a terminal of 80 columns, with a table for each run', () => {
  const text = reportOf(
    [
      [123_456, 23_450, 12_345, 1234],
      [350, 26, 300, 20],
    ],
    80,
  );
  expect(linesOf(text).filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain('\nrun a\n');
  expect(text.split('run a\n')[1]!.replaceAll(/\s+/g, ' ')).toContain(
    'campaign 123450 23450 12340 1230 9.00 % 90.00 % proven c0 [8.37 %, [79.20 %, 9.60 %] 101.00 %]',
  );
});

test('a lift without bound, or with ends far apart, is not shown, and the text says why', () => {
  const [vague, clear] = [reportOf([[20_000, 1200, 2000, 3]], 120), reportOf([[20_000, 1200, 2000, 80]], 120)];
  const why = 'No lift is shown where so few customers bought';
  expect([vague.includes(why), clear.includes(why)]).toEqual([true, false]);
  expect(vague).not.toMatch(/no bound\]|\d{4}\.\d\d %/);
  expect(clear).toContain('42.80 % [9.31 %, 89.50 %]');
});

test('a table is wrapped in every column if a width is given, else in its first', () => {
  const rows = [
    ['name', 'difference [95 %]', 'verdict'],
    ['deposit-upsell', '12.34 % [-1.00 %, 25.00 %]', 'not proven'],
  ];
  expect(linesOf(textTable(rows, 30))).toEqual([
    '          difference',
    'name          [95 %]  verdict',
    'deposit-     12.34 %      not',
    'upsell     [-1.00 %,   proven',
    '            25.00 %]',
  ]);
  expect(linesOf(textTable(rows))[1]).toBe('deposit-upsell  12.34 % [-1.00 %, 25.00 %]  not proven');
  expect(textTable(rows, 80)).toBe(textTable(rows));
});
