import { expect, test } from 'vitest';
import { summaryText } from '../../../packages/cli/src/run-summary.ts';

type Summary = Parameters<typeof summaryText>[0];
type Options = Parameters<typeof summaryText>[1];
type Offers = NonNullable<Summary['offers']>;

/** End of a run with some capacities, each with its price; suppressed numbers are null. */
function endOf(prices: readonly (number | null)[], width: number, share: number | null = 0.1): string {
  const capacities: Offers['capacities'] = prices.map((price, i) => ({
    ...{ name: `capacity-of-a-branch-${i}`, least: 0, most: 100, used: 100, price, reached: true, without: null },
  }));
  const counts = { candidates: 12_340, offered: null, reasons: { rest: 0, control: 1_230 } };
  const offers: Offers = {
    ...{ worth: null, bound: null, gap: null, capacities, all: counts, control: { customers: 1_500, decided: null } },
    campaigns: [{ campaign: 'loan', ...counts, offers: null, purchases: null, worth: null, products: [] }],
  };
  const summary = { run: 'r', campaigns: [], stages: [], offers, warnings: [], unit: null } as unknown as Summary;
  const config = { offers: share === null ? {} : { control: { share, salt: 's' } } } as Options['config'];
  return summaryText(summary, { config, files: { manifest: '/m' }, width });
}

test('suppressed numbers are dashes, and no control is said', () => {
  expect(endOf([], 80)).toMatch(/^loan +12,340 +- +1,230 +-$/m);
  expect(endOf([], 80)).toContain('control: 10.0 % of the customers, 1,500 in all; fewer than 10 would get offers\n');
  expect(endOf([], 80)).toContain('capacities that bind: none\n');
  expect(endOf([], 80, null)).toContain('control: none, so the effect of the offers cannot be measured\n');
});

test('a campaign with offers whose lists are worse than best sellers is named beside the offers', () => {
  const gap = { mean: -0.1, low: -0.12, high: -0.08, level: false };
  const counted = { targets: 0, served: 0, baskets: 0, recommendable: 0, candidates: 0, offers: 0, customers: 0, decided: 0 };
  const said = (verdict: string, offered: number | null) => {
    const campaigns = [{ campaign: 'loan', ...counted, models: [], verdict: { verdict, against: 'popularity', gap } }];
    const offers = {
      capacities: [],
      control: counted,
      campaigns: [{ campaign: 'loan', ...counted, offered, reasons: {}, products: [] }],
      all: counted,
    };
    const summary = { run: 'r', campaigns, stages: [], offers, warnings: [], unit: null } as unknown as Summary;
    return summaryText(summary, { config: { offers: {} }, files: { manifest: '/m' }, width: 200 } as unknown as Options);
  };
  const text = 'Lists that are proven worse than best sellers, and have offers: loan.';
  for (const offered of [null, 120]) expect(said('worse', offered)).toContain(text);
  for (const silent of [said('worse', 0), said('level', 120)]) expect(silent).not.toContain('proven worse');
});

test('at most five capacities that bind are named, the highest prices first, in the columns of the terminal', () => {
  const prices = [1, null, 0, 9, -7, 2, 5, 3, 4];
  const linesOf = (width: number) => {
    const text = endOf(prices, width);
    return text.slice(text.indexOf('capacities'), text.indexOf('\n\nWhom')).split('\n');
  };
  const names = [3, 4, 6, 8, 7].map((i) => `capacity-of-a-branch-${i}`).join(', ');
  expect(linesOf(80).join(' ')).toBe(`capacities that bind: ${names} and 2 more`);
  expect(linesOf(80).every((line) => line.length <= 80)).toBe(true);
  expect(linesOf(120).length).toBeLessThan(linesOf(80).length);
  expect(Math.max(...linesOf(120).map((line) => line.length))).toBeGreaterThan(80);
});
