import { expect, test } from 'vitest';
import { publishedNumbers } from '../../../packages/offers/src/effects/outcome-cells.ts';
import { attacks, readOutOf, recovered } from '../../reference/published-attacks.ts';

type Outcome = ReturnType<typeof readOutOf>['outcomes'][number];
type Arm = Outcome['offered'];

// `npm run claim -- attack` tries more

test.for(Object.entries(attacks))('no hidden number is recovered from published %s by trying all others', ([, attack]) => {
  expect(recovered(attack, 100, 3)).toMatchObject({ recovered: 0 });
});

test('a hidden number does not follow from the runs of an experiment, nor from a capacity that is used up', () => {
  const [run, value, ten] = ['a', 'v', Array.from({ length: 10 }, (_, i) => `r${i}`)];
  const row = (by: Outcome['by'], of: string, offered: Arm, control: Arm, more: Partial<Outcome> = {}): Outcome => ({
    ...readOutOf([[500, 200, 500, 200]]).outcomes[0]!,
    ...{ run, by, value: of, campaigns: ['loan'], offered, control, ...more },
  });
  const arm = (customers: number, bought = 0) => ({ customers, bought });
  const limits = [{ run, by: 'campaign' as const, values: ['loan'], before: 0 }];
  const shown = (outcomes: Outcome[], pooled: string[] = []) => {
    const runs = pooled.length > 0 ? pooled : [run];
    const offeredBefore = { offered: 40, control: 0 };
    const about = {
      runs: runs.map((name) => ({ run: name, date: '2022-01-01', hasOffers: true, offeredBefore })),
      pooled,
      limits,
      outcomes,
    };
    return publishedNumbers(about).arms.map(({ offered }) => offered);
  };
  const nines = ten.map((name) => row('experiment', value, arm(300, 9), arm(300, 150), { run: name }));
  const sum = row('experiment', value, arm(3000, 90), arm(3000, 1500), { run: 'all', sums: ten });
  expect(shown([...nines, sum], ten).map(({ bought }) => bought)).toEqual(Array.from({ length: 11 }, () => null));
  const loan = [row('campaign', 'loan', arm(61), arm(61)), row('product', 'L1', arm(60), arm(60))];
  const parts = [...loan, row('product', 'L2', arm(1), arm(1))];
  const all = [row('all', '', arm(94), arm(94)), row('campaign', 'card', arm(33), arm(33), { campaigns: ['card'] })];
  expect(shown([...all, ...parts]).map(({ customers }) => customers)).toEqual([90, 30, 60, null, null]);
  // A limit below 10 is known without the report: hiding others would not help.
  const two = [
    row('campaign', 'loan', arm(2), arm(2)),
    row('product', 'L1', arm(1), arm(1)),
    row('product', 'L2', arm(1), arm(1)),
  ];
  expect(shown([...all, ...two]).map(({ customers }) => customers)).toEqual([90, 30, null, null, null]);
});
