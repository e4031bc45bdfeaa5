// `npm run claim -- read-out [banks]`: effect reports of 1,000 simulated banks against the simulation's own records.
import { binomialRange, readOutTrials, type Trial, type TrialTruth } from '../../test/reference/read-out-trials.ts';
import { type Check, record } from '../records/record.ts';
import { grouped } from '../records/table-text.ts';

const [banks = 1_000] = process.argv.slice(2).map(Number);
const truth: TrialTruth = { banks, customers: 1_000, control: 0.25, nights: 30, keep: 20, capacity: 6, effect: 0, refusal: 0.2 };
const checks: Check[] = [];
const rows: string[][] = [];
const check = (holds: boolean, text: string) => void checks.push({ holds, text });
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const [low, high] = binomialRange(truth.customers, truth.control, 0.05);
const [leastInside] = binomialRange(banks, 0.95, 0.01);
const [, mostDiffer] = binomialRange(banks, 0.05, 0.01);

for (const effect of [0, 0.5]) {
  const { trials, counted, expected, difference, naive, drift } = await readOutTrials({ ...truth, effect });
  const count = (holds: (trial: Trial) => boolean) => trials.filter(holds).length;
  const share = (holds: (trial: Trial) => boolean) => count(holds) / banks;
  const name = `effect ${percent(effect)}`;
  for (const of of ['difference', 'lift'] as const) {
    const covered = share(({ covers }) => covers[of]);
    check(
      covered >= 0.93 && covered <= 0.97,
      `${name}: intervals of the ${of} cover the truth in ${percent(covered)} (93 to 97)`,
    );
  }
  const proven = share((one) => one.proven);
  check(
    effect > 0 ? proven > 0.5 : proven <= 0.05,
    `${name}: proven in ${percent(proven)} (${effect > 0 ? 'most' : 'at most 5 %'})`,
  );
  check(JSON.stringify(counted) === JSON.stringify(expected), `${name}: counts are those of first offers and their purchases`);
  const ratios = (of: 'all' | 'first') => [0, 9, 19, 29].map((night) => drift[night]?.[of].toFixed(3)).join(', ');
  rows.push([
    ...[percent(effect), percent(difference.value), percent(difference.truth), percent(naive.value)],
    ...[percent(share((one) => one.naive.covers)), ratios('first'), ratios('all')],
  ]);
  if (effect > 0) continue;
  const inside = count(({ control }) => control >= low && control <= high);
  check(inside >= leastInside, `the control's share is within its 95 % interval in ${inside} (at least ${leastInside})`);
  const differ = count(({ differs }) => differs);
  check(differ <= mostDiffer, `arms differ in sex beyond a 95 % interval in ${differ} (at most ${mostDiffer})`);
}
record({
  title: 'Effect reports of simulated banks',
  about: `${grouped(banks)} simulated banks of ${grouped(truth.customers)} customers, ${percent(truth.control)} of them in the control: ${truth.nights} runs with cool-off periods, refusals (${percent(truth.refusal)}), purchases and reactions, of which ${truth.keep} are kept. Difference: of the shares of customers with a purchase, offered minus control. Ratio: mean probability of the offered over that of the control in runs 1, 10, 20 and 30.`,
  tables: [
    {
      columns: [
        'effect',
        'difference',
        'truth',
        'by all offers',
        'intervals of all offers that cover it',
        'ratio, first offers',
        'ratio, all offers',
      ],
      rows,
    },
  ],
  checks,
});
