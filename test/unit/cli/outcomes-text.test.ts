import { publishedOutcomes } from '@basketwise/offers';
import { textTable } from '@basketwise/page';
import { expect, test } from 'vitest';
import { outcomesText } from '../../../packages/cli/src/outcomes-text.ts';
import { readOutOf } from '../../reference/published-attacks.ts';

const linesOf = (text: string) => text.trimEnd().split('\n');

/** Effect report of campaigns: customers offered, of them bought, control, of them bought. */
const reportOf = (campaigns: readonly [number, number, number, number][], width: number) =>
  outcomesText(publishedOutcomes(readOutOf(campaigns)), { width });

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
    'c0 123450 23450 12340 1230 9.0 90.00 % proven [8.4, 9.6] [79.20 %, 101.00 %]',
  );
});

test('a lift without bound, or with ends far apart, is a dash that the text explains, and no column if all are', () => {
  const [few, many] = [[20_000, 1200, 2000, 3] as const, [20_000, 1200, 2000, 80] as const];
  const [vague, clear, both] = [[few], [many], [few, many]].map((all) =>
    reportOf(
      all.map((one) => [...one]),
      120,
    ),
  ) as string[];
  const why = 'No lift is shown where so few customers bought';
  expect([vague, clear, both].map((text) => [text!.includes('lift [95'), text!.includes(why)])).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
  expect(vague).not.toMatch(/no bound\]|\d{4}\.\d\d %/);
  expect(clear).toContain('42.80 % [9.31 %, 89.50 %]');
});

test('the report has days, counting and rounding, and the tables of runs only with runs', () => {
  const one = readOutOf([
    [350, 126, 300, 20],
    [8, 1, 4, 0],
    [900, 300, 400, 30],
  ]);
  const outcomes = [
    ...one.outcomes,
    ...one.outcomes.map((outcome) => ({ ...outcome, run: 'all' })),
    ...one.outcomes
      .slice(0, 1)
      .flatMap((outcome) => ['a', 'all'].map((run) => ({ ...outcome, run, by: 'rank' as const, value: '1' }))),
    ...one.outcomes.slice(1, 4).map((outcome, i) => ({ ...outcome, run: 'all', by: 'product' as const, value: `P${i}` })),
  ];
  const about = publishedOutcomes({ ...one, pooled: ['a'], outcomes, names: { P2: 'Savings' } });
  const [text, all] = [
    outcomesText(about, { width: 80, contacts: { list: 'out/latest/contact-list.csv', customers: 300, hasControl: true } }),
    outcomesText(about, { width: 80, withRuns: true }),
  ];
  const flat = text.replaceAll(/\s+/g, ' ');
  for (const said of [
    'Go on: c2. Stop or change: none. Undecided, keep running: c0, c1.',
    'The run of 2023-01-31 is published. Now: contact all customers (about 300) on out/latest/contact-list.csv once, before the next run. Make these offers to no other customer: the customers left alone are not on the list.',
    'Offers of the run of 2022-12-31.',
    'Purchases count for each customer from the day after their run to 1 month later: in all from 2023-01-01 to 2023-01-31.',
    'The same rule holds for customers left alone, with the product that they would have been offered.',
    'Proven products: P2 Savings.',
    'With one look, about 3 in 100 campaigns or products without an effect are called proven by chance.',
    'Left alone: the control, customers drawn by chance',
    'each customer is counted once, at their first offer',
    'To protect customers, their numbers are rounded down to tens, so campaigns need not add up to the total.',
    'Without a comparison, because a number is below 10 or would reveal one below 10: 2 campaigns, 2 products.',
    'Each run by itself: --runs.',
  ])
    expect(flat).toContain(said);
  expect(text).toMatch(/^P2 /m);
  expect(text).toContain('Savings');
  expect(text).not.toMatch(/^(run a|order 1|P[01] )/m);
  expect(all.indexOf('\nrun a\n')).toBeGreaterThan(all.indexOf('\nall runs together\n'));
  expect(all).not.toContain('Now: contact');
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('a table is wrapped in every column if a width is given, inside words only if it must, else in its first', () => {
  const rows = [
    ['name', 'difference [95 %]', 'verdict'],
    ['deposit-upsell', '12.34 % [-1.00 %, 25.00 %]', 'not proven'],
  ];
  expect(textTable(rows, 36)).toContain('\ndeposit-upsell  ');
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
