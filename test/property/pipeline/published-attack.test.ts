import { expect, test } from 'vitest';
import { publishedNumbers } from '../../../packages/offers/src/effects/outcome-cells.ts';
import { cases } from '../../cases.ts';
import { attacks, readOutOf, recovered } from '../../reference/published-attacks.ts';

type Outcome = ReturnType<typeof readOutOf>['outcomes'][number];
type Arm = Outcome['offered'];

// `npm run claim -- attack` tries more

test.for(Object.entries(attacks))('no hidden number is recovered from published %s by trying all others', ([, attack]) => {
  expect(recovered(attack, cases(300, 100), 3)).toMatchObject({ recovered: 0 });
});

test('a hidden number does not follow from a capacity that is used up', () => {
  const run = 'a';
  const row = (by: Outcome['by'], of: string, offered: Arm, control: Arm, more: Partial<Outcome> = {}): Outcome => ({
    ...readOutOf([[500, 200, 500, 200]]).outcomes[0]!,
    ...{ run, by, value: of, campaigns: ['loan'], offered, control, ...more },
  });
  const arm = (customers: number, bought = 0) => ({ customers, bought });
  const limits = [{ run, by: 'campaign' as const, values: ['loan'] }];
  const shown = (outcomes: Outcome[]) => {
    const runs = [{ run, date: '2022-01-01', hasOffers: true, offeredBefore: { offered: 40, control: 0 } }];
    return publishedNumbers({ runs, limits, outcomes }).arms.map(({ offered }) => offered);
  };
  const loan = [row('campaign', 'loan', arm(61), arm(61)), row('product', 'L1', arm(60), arm(60))];
  const parts = [...loan, row('product', 'L2', arm(1), arm(1))];
  const all = [row('all', '', arm(94), arm(94)), row('campaign', 'card', arm(33), arm(33), { campaigns: ['card'] })];
  expect(shown([...all, ...parts]).map(({ customers }) => customers)).toEqual([90, 30, 60, null, null]);
});
