import { createRandom } from '@basketwise/core';
import { figuresOf, publishedOffers, publishedOutcomes } from '@basketwise/offers';
import { publishedNumbers } from '../../packages/offers/src/effects/outcome-cells.ts';
import { publishedFunnel } from '../../packages/pipeline/src/report/published-funnel.ts';
import type { Arm } from '../../packages/recommend/src/evaluation/intervals.ts';

// An attacker who knows the program and the config looks for other numbers that would be published in the same way: a hidden number is recovered
// where there are none with another value. Each world is a list of whole numbers, of which all figures are computed.

type World = readonly number[];

interface Attack {
  /** Published figures of a world as text; null: no such world. */
  published(world: World): string | null;
  /** Numbers that are not published where they are small. */
  places(world: World): readonly number[];
  /** Whether zeros are attacked, too, because they are hidden. */
  hidesZeros?: true;
  draw(below: (most: number) => number): World;
}

/** Whether some other world with another value of a number has the same figures: it alone differs, or one or two others make up for it. */
function hasTwin({ published }: Attack, world: World, place: number): boolean {
  const shown = published(world);
  const rest = [...world.keys()].filter((i) => i !== place);
  const one = rest.flatMap((i) => [-1, 1].map((sign) => new Map([[i, sign]])));
  const two = one.flatMap((first) => one.map((second) => new Map([...first, ...second])));
  const sets = [new Map<number, number>(), ...one, ...two];
  const changes = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((value) => (value === world[place] ? [] : [value - world[place]!]));
  return sets.some((others) =>
    changes.some((change) => {
      const other = world.map((count, i) => count + change * (i === place ? 1 : (others.get(i) ?? 0)));
      return other.every((count) => count >= 0) && published(other) === shown;
    }),
  );
}

/** Whether random changes of all numbers lead to a world with the same figures and another value. */
function isOpen({ published }: Attack, world: World, place: number, below: (most: number) => number): boolean {
  const shown = published(world);
  return [1, 3, 15].some((most) =>
    Array.from({ length: 10_000 }).some(() => {
      const other = world.map((count) => (below(2) === 0 ? count : Math.max(0, count + below(2 * most + 1) - most)));
      return other[place] !== world[place] && published(other) === shown;
    }),
  );
}

/** Hidden numbers of random worlds, and how many of them are recovered. */
export function recovered(attack: Attack, wanted: number, seed: number): { hidden: number; recovered: number } {
  const random = createRandom(seed);
  const below = (most: number) => Math.floor(random.next() * most);
  const found = { hidden: 0, recovered: 0 };
  while (found.hidden < wanted) {
    const world = attack.draw(below);
    if (attack.published(world) === null) continue;
    for (const place of attack.places(world)) {
      if (world[place]! < (attack.hidesZeros ? 0 : 1) || world[place]! > 9) continue;
      found.hidden++;
      if (hasTwin(attack, world, place) || isOpen(attack, world, place, below)) continue;
      found.recovered++;
    }
  }
  return found;
}

/** Small numbers as often as others. */
const drawn = (below: (most: number) => number) => (below(2) === 0 ? below(10) : 10 + below(60));

/** Offers by campaign, all of the same probability; the capacity is known by the config, and mostly used up. */
const probability = 0.25;
const noReasons = { rest: 0, control: 0, 'worth less': 0, 'never together': 0 };

const offers: Attack = {
  // offers and candidates without one by campaign, and what is left of the capacity
  draw: (below) => {
    const made = Array.from({ length: 2 + below(3) }, () => drawn(below));
    return [...made, ...made.map(() => 20 + below(60)), below(4) === 0 ? below(20) : 0];
  },
  places: (world) => [...world.keys()].slice(0, (world.length - 1) / 2),
  published: (world) => {
    const campaigns = (world.length - 1) / 2;
    const [made, left, spare] = [world.slice(0, campaigns), world.slice(campaigns, -1), world.at(-1)!];
    const total = made.reduce((sum, count) => sum + count, 0);
    const others = left.reduce((sum, count) => sum + count, 0);
    const price = spare === 0 ? probability : 0;
    const counts = (offered: number, capacity: number) => ({
      candidates: offered + capacity,
      offered,
      reasons: { ...noReasons, capacity },
    });
    return JSON.stringify(
      publishedOffers({
        ...{ worth: total * probability, bound: total * probability },
        capacities: [
          { name: 'calls', variant: null, least: 0, most: total + spare, used: total, price, reached: true, without: null },
        ],
        all: counts(total, others),
        campaigns: made.map((offered, i) => ({
          ...{
            campaign: `c${i}`,
            ...counts(offered, left[i]!),
            offers: offered,
            purchases: offered * probability,
            worth: offered * probability,
            products: [{ name: 'p', offers: offered }],
          },
        })),
        control: { customers: 0, decided: 0 },
      } as Parameters<typeof publishedOffers>[0]),
    );
  },
};

/** Those served, and those of two reasons: each served customer has ten recommendations. */
const funnel: Attack = {
  draw: (below) => [drawn(below), drawn(below), drawn(below)],
  places: () => [0, 1, 2],
  published: ([served, one, two]) =>
    JSON.stringify(
      publishedFunnel({
        ...{ targets: served! + one! + two!, served: served!, unserved: { one: one!, two: two! }, suppressed: {} },
        ...{ customers: served!, baskets: 0, rows: 10 * served!, sources: { als: 10 * served! } },
      }),
    ),
};

type Outcomes = Parameters<typeof publishedOutcomes>[0];
type Outcome = Outcomes['outcomes'][number];

/** Customers by campaign, each with one offer: offered, of them bought, control, of them bought. */
type ReadOut = readonly [number, number, number, number][];

const armOf = (customers: number, bought: number): Arm => ({ customers, bought });
const total = (world: ReadOut, of: number) => world.reduce((sum, campaign) => sum + campaign[of]!, 0);

function outcome(by: Outcome['by'], value: string, offered: Arm, control: Arm, controls: Outcome['controls'] = null): Outcome {
  return {
    run: 'a',
    by,
    value,
    campaigns: by === 'campaign' ? [value] : [],
    isProof: true,
    offered,
    control,
    controls,
    ...figuresOf({ isProof: true, offered, control, controls }),
  };
}

/** Effect report of a world: all, by campaign, and the first campaign as a variant against the others. */
export function readOutOf(world: ReadOut): Outcomes {
  const arms = (of: ReadOut): [Arm, Arm] => [armOf(total(of, 0), total(of, 1)), armOf(total(of, 2), total(of, 3))];
  const [first, ...others] = [world.slice(0, 1), world.slice(1)].map(arms) as [[Arm, Arm], [Arm, Arm]];
  const [base] = others;
  return {
    ...{ date: '2023-01-31', window: { months: 1, days: 0 }, gap: null },
    runs: [{ run: 'a', date: '2022-12-31', hasOffers: true, offeredBefore: { offered: 0, control: 0 } }],
    ...{ pooled: [], limits: [] },
    outcomes: [
      outcome('all', '', ...arms(world)),
      ...world.map((campaign, i) => outcome('campaign', `c${i}`, ...arms([campaign]))),
      outcome('experiment', 'v', first[0], base[0]),
      outcome('effect', 'v', first[0], base[0], { offered: first[1], control: base[1] }),
    ],
    calibration: [],
    names: {},
  };
}

const outcomes: Attack = {
  draw: (below) =>
    Array.from({ length: 2 + below(4) }).flatMap(() => {
      const [offered, control] = [12 + below(200), 12 + below(120)];
      return [offered, 1 + below(Math.min(offered, 25)), control, 1 + below(Math.min(control, 12))];
    }),
  places: (world) => [...world.keys()],
  published: (world) => {
    const campaigns = Array.from(
      { length: world.length / 4 },
      (_, i) => world.slice(4 * i, 4 * i + 4) as unknown as ReadOut[number],
    );
    const isWhole = campaigns.every(([offered, bought, control, also]) => bought <= offered && also <= control);
    return isWhole ? JSON.stringify(publishedOutcomes(readOutOf(campaigns))) : null;
  },
};

/** Purchases by campaign, of which hidden ones hide a zero, too: many of 1 below a small total, or seven of 9. */
const zeros: Attack = {
  draw: (below) => {
    if (below(2) === 0) return Array.from({ length: 6 + below(4) }, () => (below(3) === 0 ? 0 : 1));
    const zero = below(8);
    return Array.from({ length: 8 }, (_, i) => (i === zero ? 0 : 9));
  },
  hidesZeros: true,
  places: (world) => {
    const shown = publishedPurchases(world);
    return [...world.keys()].filter((place) => world[place] === 0 && shown[place]!.offered.bought === null);
  },
  published: (world) => JSON.stringify(publishedPurchases(world)),
};

/** Published campaigns of a read-out, then their total. A world is the purchases of each campaign's offers. */
function publishedPurchases(world: World) {
  const { outcomes, ...about } = readOutOf(world.map((bought) => [400, bought, 400, 20]));
  const ofCampaigns = outcomes.filter(({ by }) => by === 'campaign' || by === 'all');
  const { outcomes: published } = publishedOutcomes({ ...about, outcomes: ofCampaigns });
  return published.sort((a, b) => Number(a.by === 'all') - Number(b.by === 'all'));
}

/** Customers of one number in a report: of a run, a campaign, and where it has some, of a cluster and a variant. */
interface Leaf {
  run: string;
  campaign: string;
  cluster?: string;
  variant?: string;
  count: number;
}

/** Effect report with the numbers of leaves as purchases of both arms, or as offers, summed by all groups. */
function reportOf(leaves: readonly Leaf[], as: keyof Arm, before: readonly number[] = []): Outcomes {
  const arm = (some: readonly Leaf[]): Arm => {
    const count = some.reduce((sum, leaf) => sum + leaf.count, 0);
    return as === 'customers' ? armOf(count, 0) : armOf(1000 * some.length, count);
  };
  const runs = [...new Set(leaves.map(({ run }) => run))];
  const row = (run: string, by: Outcome['by'], value: string, some: readonly Leaf[]) => ({
    ...outcome(by, value, arm(some), arm(some)),
    ...{ run, campaigns: [...new Set(some.map(({ campaign }) => campaign))] },
  });
  const rowsOf = (run: string, some: readonly Leaf[]) => [
    row(run, 'all', '', some),
    ...(['campaign', 'cluster', 'variant'] as const).flatMap((by) => {
      const values = [...new Set(some.flatMap((leaf) => leaf[by] ?? []))];
      return values.map((value) =>
        row(
          run,
          by,
          value,
          some.filter((leaf) => leaf[by] === value),
        ),
      );
    }),
    ...(some.some(({ variant }) => variant === 'v') ? [compared(run, some)] : []),
  ];
  const compared = (run: string, some: readonly Leaf[]) => {
    const [one, base] = ['v', 'base'].map((name) => arm(some.filter(({ variant }) => variant === name))) as [Arm, Arm];
    return { ...outcome('experiment', 'v', one, base), run };
  };
  return {
    ...readOutOf([]),
    runs: runs.map((run, i) => ({
      run,
      date: '2022-12-31',
      hasOffers: true,
      offeredBefore: { offered: before[i] ?? 0, control: 0 },
    })),
    pooled: runs.length > 1 ? runs : [],
    outcomes: [
      ...runs.flatMap((run) =>
        rowsOf(
          run,
          leaves.filter((leaf) => leaf.run === run),
        ),
      ),
      ...(runs.length > 1 ? rowsOf('all', leaves) : []),
    ],
  };
}

/** All that a report shows of one kind of number. Figures are computed from it. Its limits of capacities are known, and others. */
function numbersText(report: Outcomes, of: keyof Arm, others: readonly number[] = []): string {
  const { arms, offeredBefore } = publishedNumbers(report);
  const isSmall = report.outcomes.map(({ offered }) => offered[of] < 10);
  const limits = report.runs.map(({ run, offeredBefore: before }) => {
    const all = report.outcomes.find((one) => one.run === run && one.by === 'all')!;
    return of === 'customers' ? all.offered.customers + before.offered : 0;
  });
  const shown = arms.map(({ offered, control }, i) => [
    offered[of],
    of === 'bought' && control[of],
    of === 'bought' && offered[of] === null && isSmall[i],
  ]);
  return JSON.stringify([shown, offeredBefore.map(({ offered }) => offered), limits, others]);
}

/** Many of 1, whose sum alone is published; many of 9; or any small and large ones. */
function drawnParts(below: (most: number) => number, least: number): number[] {
  const kind = below(4);
  if (kind === 0) return Array.from({ length: 18 + below(3) }, () => 1);
  if (kind === 1) return Array.from({ length: 7 + below(3) }, () => 9);
  return Array.from({ length: least + below(5) }, () => drawn(below));
}

/** Purchases by run, or by run and one of two campaigns, which are published together, too. */
const runs: Attack = {
  draw: (below) => drawnParts(below, 2),
  places: (world) => [...world.keys()],
  published: (world) => {
    const campaigns = world.length % 2 === 0 ? 2 : 1;
    const leaves = world.map((count, i) => ({ run: `r${Math.floor(i / campaigns)}`, campaign: `c${i % campaigns}`, count }));
    return numbersText(reportOf(leaves, 'bought'), 'bought');
  },
};

/** Purchases by cluster of one campaign, or of one with many and one with two clusters. */
const clusters: Attack = {
  draw: (below) => drawnParts(below, 3),
  places: (world) => [...world.keys()],
  published: (world) => {
    const last = world.length - (world.length % 2 === 0 ? 2 : 0);
    const leaves = world.map((count, i) => {
      const campaign = i < last ? 'small' : 'other';
      return { run: 'a', campaign, cluster: `${campaign} ${i}`, count };
    });
    return numbersText(reportOf(leaves, 'bought'), 'bought');
  },
};

/** Offers that use up a capacity, so that their number is known: of a variant, of `base`, and of customers in earlier offers. */
const variants: Attack = {
  draw: (below) => [drawn(below), 10 + below(60), below(2) === 0 ? 0 : drawn(below)],
  places: () => [0, 1, 2],
  published: ([one, base, before]) => {
    const leaves = [one!, base!].map((count, i) => ({ run: 'a', campaign: 'c', variant: i === 0 ? 'v' : 'base', count }));
    return numbersText(reportOf(leaves, 'customers', [before!]), 'customers');
  },
};

/** Outcomes of a kind with other arms, or limits, and all others. */
const replaced = (report: Outcomes, by: Outcome['by'], change: (one: Outcome, i: number) => Partial<Outcome>): Outcomes => {
  const some = report.outcomes.filter((one) => one.by === by);
  return {
    ...report,
    outcomes: report.outcomes.map((one) => (one.by === by ? { ...one, ...change(one, some.indexOf(one)) } : one)),
  };
};

/** Purchases in a variant by run, in an experiment that began after the control: its customers are not those of the variant. */
const experiments: Attack = {
  draw: (below) => drawnParts(below, 2),
  places: (world) => [...world.keys()],
  published: (world) => {
    const names = ['v', 'base'];
    const leaves = world.flatMap((_, i) =>
      names.map((variant) => ({ run: `r${i}`, campaign: 'c', variant, count: 300 + 10 * i })),
    );
    const report = reportOf(leaves, 'bought');
    const all = world.reduce((sum, count) => sum + count, 0);
    return numbersText(
      replaced(report, 'experiment', (one, i) => ({ offered: armOf(one.offered.customers, world[i] ?? all) })),
      'bought',
    );
  },
};

/** Numbers that a known sum pins down, if nothing else is hidden: one, and another one that is a multiple of ten. */
const pinned = (below: (most: number) => number) => [1, 10 * (1 + below(6))];

/** Offers of a campaign that use up its capacity, so that their number is known: by product, and of customers in earlier offers. */
const limits: Attack = {
  draw: (below) => {
    const products = below(2) === 0 ? pinned(below) : Array.from({ length: 2 + below(2) }, () => drawn(below));
    return [...products, below(2) === 0 ? 0 : drawn(below), 10 + below(60), 1 + drawn(below)];
  },
  places: (world) => [...world.keys()].slice(0, -3),
  published: (world) => {
    const [products, [before, other, otherBefore]] = [world.slice(0, -3), world.slice(-3) as [number, number, number]];
    const leaves = products.map((count, i) => ({ run: 'a', campaign: 'loan', cluster: `${i}`, count }));
    const report = reportOf([...leaves, { run: 'a', campaign: 'other', cluster: 'other', count: other }], 'customers', [
      before + otherBefore,
    ]);
    const limit = products.reduce((sum, count) => sum + count, before);
    if (limit < 10) return null;
    const limits = [{ run: 'a', by: 'campaign' as const, values: ['loan'] }];
    return numbersText({ ...report, limits }, 'customers', [limit]);
  },
};

/** Offers of a run that use up its capacity: of a new experiment, whose customers were in earlier offers under the control alone. */
const firstNights: Attack = {
  draw: (below) => [
    ...(below(2) === 0 ? pinned(below) : [drawn(below), 10 + below(60)]),
    ...[below(2) === 0 ? 0 : drawn(below), 20],
  ],
  places: () => [0, 1],
  published: ([one, base, before, first]) => {
    const leaves = ['v', 'base'].map((variant) => ({ run: 'a', campaign: 'c', variant, count: first! }));
    const all = one! + base! + before!;
    if (all < 2 * first!) return null;
    const report = reportOf(leaves, 'customers', [all - 2 * first!]);
    return numbersText(
      {
        ...replaced(report, 'experiment', () => ({ offered: armOf(one!, 0), control: armOf(base!, 0) })),
        limits: [],
      },
      'customers',
      [all],
    );
  },
};

/** Attacks by the kind of published figures. */
export const attacks = { outcomes, zeros, runs, clusters, variants, experiments, limits, firstNights, offers, funnel };
