import { textTable } from '../page/text-table.ts';
import { countText, publishedCount, publishedValue } from '../values/published-count.ts';
import type { Outcome, Outcomes } from './outcomes.ts';

/** An outcome in figures that may be published: rates of too few are left out. */
function publishedOutcome({ offered, control, difference, lift, ...outcome }: Outcome) {
  const arm = ({ customers, bought }: Outcome['offered']) => ({
    customers: publishedCount(customers),
    bought: publishedCount(bought),
  });
  const [one, other] = [arm(offered), arm(control)];
  const isTold = [one, other].every(({ customers, bought }) => customers !== null && customers > 0 && bought !== null);
  const told = <T extends object>(figures: T) =>
    Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, value === null ? null : publishedValue(value as number)]),
    ) as T;
  return {
    ...outcome,
    offered: one,
    control: other,
    difference: isTold ? told(difference) : null,
    lift: isTold ? told(lift) : null,
  };
}

/** The read-out in figures that may be published. */
export function publishedOutcomes({ outcomes, calibration, ...about }: Outcomes) {
  return {
    ...about,
    outcomes: outcomes.map(publishedOutcome),
    calibration: calibration.map(({ offers, expected, bought, ...band }) => {
      const isTold = publishedCount(Math.round(bought * offers)) !== null;
      return {
        ...band,
        offers: publishedCount(offers),
        expected: publishedValue(expected),
        bought: isTold ? publishedValue(bought) : null,
      };
    }),
  };
}

type PublishedOutcome = ReturnType<typeof publishedOutcome>;

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** A number of customers rounded up to tens. */
function tensOf(customers: number): number {
  return 10 * Math.max(1, Math.ceil(customers / 10));
}

/** Whether offers worked, in a few words. */
function verdictOf({ isProof, proven, missing }: Pick<PublishedOutcome, 'isProof' | 'proven' | 'missing'>): string {
  if (!isProof) return 'no proof: nobody drew who is listed';
  if (proven) return 'proven';
  return missing === null ? 'not proven' : `not proven, about ${tensOf(missing)} customers more`;
}

/** The cells of an outcome: rates, difference, lift, verdict. */
export function outcomeCells({ offered, control, difference, lift, ...outcome }: PublishedOutcome): string[] {
  const bounds =
    difference === null ? '–' : `${percent(difference.value)} [${percent(difference.low)}, ${percent(difference.high)}]`;
  const ratio =
    lift === null || lift.value === null
      ? '–'
      : `${percent(lift.value)} [${percent(lift.low)}, ${lift.high === null ? 'no bound' : percent(lift.high)}]`;
  return [
    ...[offered, control].flatMap(({ customers, bought }) => [countText(customers), countText(bought)]),
    ...[bounds, ratio, verdictOf(outcome)],
  ];
}

/** Names of the cells of an outcome. */
export const outcomeHeads = ['offered', 'bought', 'control', 'bought', 'difference [95 %]', 'lift [95 %]', 'verdict'];

/** The read-out for the terminal. */
export function outcomesText(outcomes: Outcomes): string {
  const { outcomes: told, runs } = publishedOutcomes(outcomes);
  if (runs.length === 0) return `No run's window is over on ${outcomes.date}: there is nothing to read out yet.\n`;
  const rows = told.map((one) => [one.run, one.by, one.value, ...outcomeCells(one)]);
  return textTable([['run', 'by', 'value', ...outcomeHeads], ...rows]);
}
