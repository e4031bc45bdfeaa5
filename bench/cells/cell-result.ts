import { type Cell, firstFive, ndcgOf } from './cell.ts';
import type { PublishedLists } from './published-lists.ts';

/** How a cell's lists did: NDCG@5 of each case. */
export interface CellResult {
  world: string;
  seed: number;
  date: string;
  campaign: string;
  /** By what made the lists: `default`, each best-seller list, and where they were asked `before` and `near-oracle`. */
  values: Record<string, number[]>;
  /** Of all rows that were published with a probability; null: none was. */
  probabilities: Reliability | null;
}

/** Probabilities that were published, and what was bought of them, by hundredths of log odds. */
export interface Reliability {
  rows: number;
  bought: number;
  expected: number;
  squares: number;
  bins: Record<string, { rows: number; bought: number; expected: number }>;
}

/** Sums of some reliabilities, with the Brier scores of their probabilities and of the common rate in hindsight. */
export interface PooledReliability {
  rows: number;
  bought: number;
  expected: number;
  /** bought / expected. */
  ratio: number;
  brier: number;
  ofRate: number;
}

/** Sums some reliabilities. */
export function pooled(some: readonly Pick<Reliability, 'rows' | 'bought' | 'expected' | 'squares'>[]): PooledReliability {
  const sum = (of: 'rows' | 'bought' | 'expected' | 'squares') => some.reduce((all, one) => all + one[of], 0);
  const [rows, bought, expected] = [sum('rows'), sum('bought'), sum('expected')];
  const rate = bought / rows;
  return { rows, bought, expected, ratio: bought / expected, brier: sum('squares') / rows, ofRate: rate * (1 - rate) };
}

/** Judges a campaign's lists on a day. */
export function resultOf(
  about: Pick<CellResult, 'world' | 'seed' | 'date'>,
  cell: Cell,
  lists: { now: PublishedLists; before: PublishedLists | null },
  oracle: ((cell: Cell, which: number) => Float64Array) | null,
): CellResult {
  const { campaign, cases, candidate, bestSellers } = cell;
  const values: CellResult['values'] = {};
  const judge = (name: string, list: (which: number) => readonly number[]) => {
    values[name] = cases.map(({ bought }, which) => Number(ndcgOf(list(which), bought).toFixed(6)));
  };
  judge('default', (which) => lists.now.listOf(campaign.name, cases[which]!.customer));
  const { before } = lists;
  if (before !== null) judge('before', (which) => before.listOf(campaign.name, cases[which]!.customer));
  for (const [name, counts] of Object.entries(bestSellers)) judge(name, (which) => firstFive(counts, candidate, cases[which]!));
  if (oracle !== null) judge('near-oracle', (which) => firstFive(oracle(cell, which), candidate, cases[which]!));
  return { ...about, campaign: campaign.name, values, probabilities: null };
}

/** Holds published probabilities against purchases. */
export function reliabilityOf(
  lists: PublishedLists,
  campaign: string,
  hasBought: (customer: number, product: number) => boolean,
): Reliability | null {
  const found: Reliability = { rows: 0, bought: 0, expected: 0, squares: 0, bins: {} };
  lists.forEachProbability((of, customer, product, probability) => {
    if (of !== campaign) return;
    const bought = hasBought(customer, product) ? 1 : 0;
    const name = Math.round(Math.log(probability / (1 - probability)) * 100);
    const bin = found.bins[name] ?? { rows: 0, bought: 0, expected: 0 };
    found.bins[name] = bin;
    for (const sum of [found, bin]) {
      sum.rows++;
      sum.bought += bought;
      sum.expected += probability;
    }
    found.squares += (probability - bought) ** 2;
  });
  return found.rows === 0 ? null : found;
}
