import { createRandom } from '@basketwise/core';
import { decisionText, publishedOutcomes } from '@basketwise/offers';
import { expect, test } from 'vitest';
import { cases } from '../../cases.ts';
import { readOutOf } from '../../reference/published-attacks.ts';
import { binomialRange } from '../../reference/read-out-trials.ts';

const banks = cases(1000, 300);
const [offered, control] = [2000, 200];

/** Decisions on a campaign of simulated banks, counted: customers buy with these probabilities. */
function decisions(contacted: number, leftAlone: number): Record<string, number> {
  const { next } = createRandom(7);
  const buyers = (customers: number, share: number) => Array.from({ length: customers }).filter(() => next() < share).length;
  const counts: Record<string, number> = { 'Go on': 0, 'Stop or change': 0, 'Undecided, keep running': 0 };
  for (let bank = 0; bank < banks; bank++) {
    const world = [[offered, buyers(offered, contacted), control, buyers(control, leftAlone)] as const];
    const { outcomes, ...about } = readOutOf(world.map(([...arms]) => arms));
    const some = outcomes.filter(({ by }) => by === 'all' || by === 'campaign');
    const text = decisionText(publishedOutcomes({ ...about, outcomes: some }));
    const [, name] = /([A-Z][a-z, ]+): c0\./.exec(text)!;
    counts[name!]!++;
  }
  return counts;
}

test.each([
  [0.015, 0.005],
  [0.02, 0.01],
  [0.2, 0.16],
])('an effective campaign is hardly ever stopped: %d of the contacted buy, %d of the others', (contacted, leftAlone) => {
  const { 'Stop or change': stopped } = decisions(contacted, leftAlone);
  expect(stopped).toBeLessThanOrEqual(Math.ceil(banks / 1000));
});

test.each([0.005, 0.02, 0.2])(
  'a campaign without an effect is stopped, or goes on, at most as often as chance allows: %d buy',
  (share) => {
    const counts = decisions(share, share);
    const [, most] = binomialRange(banks, 0.025, 0.001);
    for (const name of ['Stop or change', 'Go on']) expect([name, counts[name]! <= most]).toEqual([name, true]);
  },
);

test('a campaign that lowers purchases is stopped', () => {
  expect(decisions(0.05, 0.2)['Stop or change']).toBeGreaterThan(0.9 * banks);
});
