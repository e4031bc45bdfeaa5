import { createRandom } from '@basketwise/core';
import {
  type Arm,
  customersMissing,
  differenceInterval,
  effectInterval,
  liftInterval,
  publishedOutcomes,
} from '@basketwise/pipeline';
import { expect, test } from 'vitest';

// An attacker who knows the program tries numbers: those that would be published in the same way cannot be told from the true ones.

type Outcomes = Parameters<typeof publishedOutcomes>[0];
type Outcome = Outcomes['outcomes'][number];

/** Customers by campaign, each with one offer: offered, of them bought, control, of them bought. */
type World = [number, number, number, number][];

const armOf = (customers: number, bought: number): Arm => ({ customers, bought });
const total = (world: World, of: number) => world.reduce((sum, campaign) => sum + campaign[of]!, 0);

function outcome(by: Outcome['by'], value: string, offered: Arm, control: Arm, controls: Outcome['controls'] = null): Outcome {
  const difference = controls
    ? effectInterval(differenceInterval(offered, controls.offered), differenceInterval(control, controls.control))
    : differenceInterval(offered, control);
  const lift = controls ? { value: null, low: -1, high: null } : liftInterval(offered, control);
  const missing = controls ? null : customersMissing(offered, control);
  return {
    run: 'a',
    by,
    value,
    isProof: true,
    offered,
    control,
    controls,
    difference,
    lift,
    proven: difference.low > 0,
    missing,
  };
}

/** The read-out of a world: all, by campaign, and the first campaign as a variant against the others. */
function readOutOf(world: World): Outcomes {
  const arms = (of: World): [Arm, Arm] => [armOf(total(of, 0), total(of, 1)), armOf(total(of, 2), total(of, 3))];
  const [first, ...others] = [world.slice(0, 1), world.slice(1)].map(arms) as [[Arm, Arm], [Arm, Arm]];
  const [base] = others;
  return {
    ...{ date: '2023-01-31', window: { months: 1, days: 0 }, runs: [{ run: 'a', date: '2022-12-31', hasOffers: true }] },
    outcomes: [
      outcome('all', '', ...arms(world)),
      ...world.map((campaign, i) => outcome('campaign', `c${i}`, ...arms([campaign]))),
      outcome('experiment', 'v', first[0], base[0]),
      outcome('effect', 'v', first[0], base[0], { offered: first[1], control: base[1] }),
    ],
    calibration: [],
  };
}

const published = (world: World) => JSON.stringify(publishedOutcomes(readOutOf(world)));

const isWhole = (world: World) =>
  world.every(([offered, bought, control, also]) => bought <= offered && also <= control && Math.min(bought, also) >= 0);

/** Numbers from 1 to 9 with which another world is published like the true one, for a number of a campaign. */
function possible(world: World, campaign: number, of: number): number[] {
  const told = published(world);
  const changedBy = (by: (other: number) => number) =>
    world.map((one, i) => one.map((count, at) => (at === of ? count + by(i) : count)) as World[number]);
  const isPossible = (changed: World) => isWhole(changed) && published(changed) === told;
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((value) => {
    const change = value - world[campaign]![of]!;
    const own = (i: number) => (i === campaign ? change : 0);
    // the total changes with it, or another campaign makes up for it
    return [-1, ...world.keys()].some(
      (other) => other !== campaign && isPossible(changedBy((i) => (i === other ? -change : own(i)))),
    );
  });
}

test('none of 500 hidden numbers of outcomes is recovered by trying all numbers', () => {
  const random = createRandom(1);
  const below = (most: number) => Math.floor(random.next() * most);
  const found = { hidden: 0, recovered: 0, narrow: 0 };
  while (found.hidden < 500) {
    const world = Array.from({ length: 2 + below(5) }, (): World[number] => {
      const [offered, control] = [12 + below(200), 12 + below(120)];
      return [offered, 1 + below(Math.min(offered, 25)), control, 1 + below(Math.min(control, 12))];
    });
    for (const [campaign, numbers] of world.entries()) {
      for (const [of, count] of numbers.entries()) {
        if (count === 0 || count >= 10) continue;
        const values = possible(world, campaign, of);
        expect(values).toContain(count);
        found.hidden++;
        if (values.length === 1) found.recovered++;
        if (values.length < 5) found.narrow++;
      }
    }
  }
  expect(found).toMatchObject({ recovered: 0 });
  // more than the moves of this attacker would show even these to be open
  expect(found.narrow).toBeLessThan(0.02 * found.hidden);
});
