// First tier, .2 s.
import { findResting } from '@basketwise/offers';
import { afterAll, expect, test } from 'vitest';
import { allRest } from '../../../packages/offers/src/decisions/resting.ts';
import { emptyEngine } from '../pipeline/feature-snapshot.ts';

const { engine, remove } = await emptyEngine();
afterAll(() => remove());

/** Products of one campaign, numbered alike as items; customers are not in the control. */
const about = {
  items: [0, 1, 2].map((product) => ({ campaign: 0, product, together: 0 })),
  campaigns: ['all'],
  products: [0, 1, 2].map((product) => ({ product, groupKey: `P${product}` })),
  countedAs: (campaign: string) => campaign,
  control: new Uint8Array(3),
} as unknown as Parameters<typeof findResting>[4];

const days = (days: number) => ({ months: 0, days });

/** Items in cool-off on a date, by customer. */
async function restsOf(
  terms: Partial<Parameters<typeof findResting>[2]>,
  contacts: [customer: number, product: number, day: string][],
  date = '2024-03-31',
) {
  const rows = contacts.map(([customer, product, day]) => `(${customer}, ${product}, NULL, DATE '${day}', NULL, false)`);
  const relation = `(VALUES ${rows.join(', ')}) AS t(customer, product, campaign, contacted, answer, missed)`;
  const config = { answers: { refusal: [], purchase: [] }, rest: {}, ...terms };
  const { set, sets } = await findResting(
    engine,
    `(SELECT * FROM ${relation})`,
    config,
    date,
    about,
    AbortSignal.timeout(120_000),
  );
  return [...set].map((one) => (one === allRest ? 'all' : sets[one]));
}

test('a customer with as many contacts as the limit within its period has no item left, with one fewer all', async () => {
  const terms = { at_most: { offers: 2, within: days(30) } };
  const contacts: [number, number, string][] = [
    [0, 0, '2024-03-02'],
    [0, 1, '2024-03-30'],
    // 30 days ago: outside the period
    [1, 0, '2024-03-01'],
    [1, 1, '2024-03-30'],
  ];
  expect(await restsOf(terms, contacts)).toEqual(['all', [], []]);
});

test('a period of a month is over after as many months, also where the later month lacks the day', async () => {
  const contacts: [number, number, string][] = [
    [0, 1, '2024-05-31'],
    [1, 1, '2024-06-01'],
  ];
  expect(await restsOf({ rest: { offer: { months: 1, days: 0 } } }, contacts, '2024-06-30')).toEqual([[], [1], []]);
});

test('a period ends on its last day: the product of the contact, or all products after any contact', async () => {
  const contacts: [number, number, string][] = [
    [0, 1, '2024-03-02'],
    [1, 1, '2024-03-01'],
  ];
  expect(await restsOf({ rest: { offer: days(30) } }, contacts)).toEqual([[1], [], []]);
  expect(await restsOf({ rest: { any: days(30) } }, contacts)).toEqual(['all', [], []]);
});
