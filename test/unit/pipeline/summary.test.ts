import { expect, test } from 'vitest';
import { type Summarised, summaryAnswers, summaryTable } from '../../../packages/pipeline/src/report/summary.ts';

const counted = {
  campaign: 'loan',
  offers: 120,
  purchases: 6.1234,
  worth: 61.234,
  offered: 120,
  candidates: 900,
  reasons: {},
  products: ['home', 'card'],
};
const gap = { mean: 0.1, low: 0.05, high: 0.15, level: false };

/** Run with a campaign, its offers and a control. */
const run = {
  ...{ windowEnd: '2022-11-30', unit: 'EUR', hasControl: true, probability: 'window', warnings: [], outcomes: null },
  campaigns: [
    {
      ...{ campaign: 'loan', served: 900, verdict: { verdict: 'better', against: 'popularity', gap } },
      products: ['car', 'home', 'card', 'boat'].map((name) => ({ name })),
    },
    { campaign: 'fund', served: null, verdict: null, products: [] },
  ],
  offers: { all: { offered: 120 }, control: { decided: 30 }, campaigns: [counted] },
  contactList: { file: 'contact-list.csv', approvals: null },
};
const answersOf = (changes: object) =>
  summaryAnswers({ ...run, ...changes } as unknown as Summarised).map(([, answer]) => answer);

test('a run with offers answers the questions of a manager', () => {
  expect(answersOf({})).toEqual([
    'About 120 customers, on contact-list.csv. 30 are left alone, to measure the effect.',
    'loan (120): home, card.',
    'About 6.12 purchases of the offered products by 2022-11-30, worth 61.2 EUR. Some of them would come without a contact, too.',
    'Of 2 campaigns: 1 better than best sellers, 1 not known.',
    'In runs after 2022-11-30, when the time for purchases is over.',
    'No window of earlier offers is over.',
    'Nothing.',
  ]);
  const { head, rows } = summaryTable(run as unknown as Summarised);
  expect(head).toContain('expected value, EUR');
  expect(rows).toEqual([
    ['loan', 900, 120, 6.1234, 61.234, 'home, card', 'better'],
    ['fund', null, null, null, null, null, 'not known'],
  ]);
});

test.each<[string, object, number, string]>([
  ['no offers', { offers: null }, 0, 'Nobody yet: the run makes lists, and no offers'],
  ['a run of some campaigns', { contactList: null }, 0, 'never published: do not contact them'],
  ['hidden numbers', { offers: { ...run.offers, all: { offered: null }, control: { decided: null } } }, 0, 'Some customers, on'],
  ['no offers, what is led', { offers: null }, 1, 'loan (900): car, home, card.'],
  ['no unit', { unit: null }, 2, 'worth 61.2 (unit of offers.value)'],
  ['no control', { hasControl: false }, 4, 'Never: the offers have no control (offers.control).'],
  ['no dates', { windowEnd: null }, 4, 'Never: holdings have no dates'],
  ['approvals', { contactList: { ...run.contactList, approvals: 2 } }, 6, '2 approvals publish this run.'],
  ['warnings', { warnings: ['a', 'b'] }, 6, 'Read the 2 warnings.'],
  [
    'offers of lists that are worse',
    { campaigns: [{ ...run.campaigns[0], verdict: { verdict: 'worse', against: 'popularity', gap } }] },
    6,
    'Lists that are proven worse than best sellers, and have offers: loan.',
  ],
])('the answer says: %s', (_, changes, question, text) => {
  expect(answersOf(changes)[question]).toContain(text);
});
