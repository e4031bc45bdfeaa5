import { groupBy } from '@basketwise/core';
import { countText, dash, percent } from '@basketwise/data/base';
import {
  armNames,
  campaignName,
  decimalsOf,
  type PublishedOutcome,
  pointsOf,
  pointsText,
  type Step,
  stepOf,
} from '@basketwise/offers';
import { formatNumber } from '@basketwise/page';
import type { LiftInterval } from '@basketwise/recommend';

const effectText = (share: number) => percent(share, 2);

/** Verdict on the effect of offers, in a few words. */
function proofText({ isProof, difference, proven, missing }: PublishedOutcome): string {
  if (!isProof) return 'no proof: listed customers are not a random sample';
  if (proven === null) return dash;
  const step = stepOf({ difference, proven });
  if (step !== 'undecided') return step === 'stop' ? 'lowered' : 'proven';
  return missing === null
    ? 'undecided'
    : missing === 0
      ? 'undecided by rounded numbers'
      : `undecided, about ${formatNumber(missing)} customers more`;
}

/** Largest ratio (1 + high) / (1 + low) of a lift's interval for which the lift is shown. */
const mostSpan = 100;

/**
 * Whether a lift is too uncertain to show: its interval has no upper end, or the ratio of its ends is above `mostSpan`. A lower
 * end below -90 % counts as -90 %.
 */
function isVague({ low, high }: LiftInterval): boolean {
  return high === null || 1 + high > mostSpan * Math.max(1 + low, 0.1);
}

/** Sentence that explains the dashes in the lift column. Empty if there is no dash. */
function liftText(outcomes: readonly PublishedOutcome[]): string {
  return outcomes.some(({ by, lift }) => by !== 'effect' && lift !== null && isVague(lift))
    ? `No lift is shown where so few customers bought that its interval has no bound, or ends a factor of ${mostSpan} apart.`
    : '';
}

/** Effect in percentage points, with its interval. */
function boundsText(outcome: PublishedOutcome): string {
  const { difference } = outcome;
  if (difference === null) return dash;
  const decimals = decimalsOf(difference);
  const [low, high] = [difference.low, difference.high].map((end) => pointsText(end, decimals));
  const points = pointsOf(outcome, decimals);
  const value = points === null ? '' : `${pointsText(points / 100, decimals)} `;
  // A no-break space prevents a line break inside the interval.
  return `${value}[${low},\u00a0${high}]`;
}

/** Table cell of a lift and its interval. A dash if the lift is too uncertain to show. */
function ratioText(lift: PublishedOutcome['lift']): string {
  if (lift === null || isVague(lift)) return dash;
  const interval = `[${effectText(lift.low)}, ${effectText(lift.high!)}]`;
  return lift.value === null ? interval : `${effectText(lift.value)} ${interval}`;
}

/** Column heads of an outcome's cells. The arguments are the names of the two compared arms. */
function headsOf([one, other]: readonly [string, string]): string[] {
  return [one, 'bought', other, 'bought', 'points more [95 %]', liftHead, 'verdict'];
}

const liftHead = 'lift [95 %]';

/** Cells of an outcome: customers and purchasers of both arms, difference, lift, verdict. */
function outcomeCells(outcome: PublishedOutcome): string[] {
  const { offered, control, lift } = outcome;
  return [
    ...[offered, control].flatMap(({ customers, bought }) => [countText(customers), countText(bought)]),
    ...[boundsText(outcome), ratioText(lift), proofText(outcome)],
  ];
}

/** Titles of the rows, by kind of group. */
const labels: Record<PublishedOutcome['by'], (value: string, name: string) => string> = {
  all: () => campaignName({ by: 'all', value: '' }),
  campaign: (value) => value,
  product: (value, name) => `product ${value} ${name}`.trimEnd(),
  rank: (value) => `order ${value}`,
  cluster: (value) => `cluster ${value}`,
  model: (value) => `model ${value}`,
  variant: (value) => `variant ${value}`,
  experiment: (value) => `${value} against base`,
  effect: (value) => `effect of ${value} less that of base`,
};

/** Singular and plural noun of each kind of group that can have several groups. */
const plurals: Partial<Record<PublishedOutcome['by'], readonly [string, string]>> = {
  campaign: ['campaign', 'campaigns'],
  product: ['product', 'products'],
  rank: ['order', 'orders'],
  cluster: ['cluster', 'clusters'],
  model: ['model', 'models'],
  variant: ['variant', 'variants'],
  experiment: ['comparison of a variant with base', 'comparisons of variants with base'],
  effect: ['difference of two effects', 'differences of effects'],
};

/** Tables of the outcomes with a comparison, and sentences about all outcomes. */
interface OutcomeTables {
  /** One table for each pair of arms that is compared. */
  tables: { head: string[]; rows: string[][] }[];
  /** Sentences on the verdict of each product, on groups without a comparison, and on dashes in the lift column. */
  notes: string[];
}

/**
 * Tables of the outcomes with a comparison. Within a kind of group, the groups with the most customers come first. If all offers
 * have the same order (position in the list) or the same model, that group has no row. Its figures would repeat those of all
 * offers. A table without any lift to show has no lift column.
 * @param most largest number of rows of one kind of group
 */
export function outcomeTables(
  outcomes: readonly PublishedOutcome[],
  names: Readonly<Record<string, string>>,
  most = Number.POSITIVE_INFINITY,
): OutcomeTables {
  const isOnly = ({ by }: PublishedOutcome) =>
    (by === 'rank' || by === 'model') && outcomes.filter((one) => one.by === by).length === 1;
  const shown = outcomes.filter((one) => !isOnly(one));
  const compared = shown.filter(({ difference }) => difference !== null);
  const kinds = [...new Set(compared.map(({ by }) => by))];
  const ordered = kinds.flatMap((kind) =>
    compared
      .filter(({ by }) => by === kind)
      .sort((a, b) => (b.offered.customers ?? 0) - (a.offered.customers ?? 0))
      .slice(0, most),
  );
  const tables = groupBy(ordered, (one) => armNames(one).join()).map((some) => {
    const heads = headsOf(armNames(some[0]!));
    const hasLift = some.some(({ lift }) => ratioText(lift) !== dash);
    const withoutLift = (cells: readonly string[]) => cells.filter((_, cell) => hasLift || heads[cell] !== liftHead);
    return {
      head: ['offers', ...withoutLift(heads)],
      rows: some.map((one) => [labels[one.by](one.value, names[one.value] ?? ''), ...withoutLift(outcomeCells(one))]),
    };
  });
  const hasLift = tables.some(({ head }) => head.includes(liftHead));
  return {
    tables,
    notes: [productsText(compared, names), othersText(shown), hasLift ? liftText(compared) : ''].filter((text) => text !== ''),
  };
}

/** Sentences that list the products with each verdict. Empty if no product has a verdict. */
function productsText(compared: readonly PublishedOutcome[], names: Readonly<Record<string, string>>): string {
  const products = compared.filter(({ by, isProof }) => by === 'product' && isProof);
  const codes = (step: Step) =>
    products.flatMap((one) => (stepOf(one) === step ? [`${one.value} ${names[one.value] ?? ''}`.trimEnd()] : []));
  const [proven, lowered, open] = [codes('go on'), codes('stop'), codes('undecided')];
  return [
    products.length > 0 ? `Proven products: ${proven.join(', ') || 'none'}.` : '',
    lowered.length > 0 ? `Products with lowered purchases: ${lowered.join(', ')}.` : '',
    open.length > 0
      ? 'Other products of the table: their range includes 0, which is no sign of harm. They go on with their campaign.'
      : '',
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** Sentence with the number of groups without a comparison, by kind. Empty if every group has one. */
function othersText(outcomes: readonly PublishedOutcome[]): string {
  const parts = Object.entries(plurals).flatMap(([kind, [one, many]]) => {
    const count = outcomes.filter(({ by, difference }) => by === kind && difference === null).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  return parts.length === 0
    ? ''
    : `Without a comparison, because a number is below 10 or would reveal one below 10: ${parts.join(', ')}.`;
}
