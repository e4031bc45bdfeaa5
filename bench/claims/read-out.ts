// `npm run claim -- read-out [seeds]`: simulated nights, each with other arms, purchases and reactions: of 1,000, 95 % intervals of the lift cover the truth in 93 to 97 %;
// without an effect `proven` comes up in at most 5 %; the control's share is within its binomial interval; arms differ in features no more often than by chance.
import { binomialRange, readOutTrials, type TrialTruth } from '../../test/reference/read-out-trials.ts';

const [count = 1_000] = process.argv.slice(2).map(Number);
const seeds = Array.from({ length: count }, (_, i) => i + 1_000);
const truth: TrialTruth = { customers: 2_000, control: 0.25, anyway: [0.05, 0.12], effect: 0.06 };
const share = (trials: readonly unknown[], some: readonly unknown[]) => some.length / trials.length;

const trials = await readOutTrials(seeds, truth);
const covered = share(
  trials,
  trials.filter(({ covers }) => covers),
);
const differ = trials.filter(({ differs }) => differs).length;
const [low, high] = binomialRange(truth.customers, truth.control, 0.05);
const inside = trials.filter(({ control }) => control >= low && control <= high).length;
const nothing = await readOutTrials(seeds, { ...truth, effect: 0 });
const proven = share(
  nothing,
  nothing.filter((one) => one.proven),
);
const [, mostDiffer] = binomialRange(count, 0.05, 0.01);
const [leastInside] = binomialRange(count, 0.95, 0.01);

console.log(`${count} seeds, ${truth.customers} customers each, ${100 * truth.control} % of them in the control`);
const lines: [boolean, string][] = [
  [covered >= 0.93 && covered <= 0.97, `intervals of the lift cover the truth in ${(100 * covered).toFixed(1)} % (93 to 97)`],
  [proven <= 0.05, `without an effect proven in ${(100 * proven).toFixed(1)} % (at most 5)`],
  [
    inside >= leastInside,
    `the control's share is within its 95 % binomial interval in ${inside} of ${count} (at least ${leastInside})`,
  ],
  [differ <= mostDiffer, `arms differ in sex beyond a 95 % interval in ${differ} of ${count} (at most ${mostDiffer})`],
];
for (const [holds, line] of lines) console.log(`${holds ? 'ok' : 'FAIL'}: ${line}`);
if (!lines.every(([holds]) => holds)) process.exitCode = 1;
