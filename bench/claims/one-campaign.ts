// `npm run claim -- one-campaign [customers] [runs] [--bank FOLDER] [--plain]`: 10 million generated customers x 300 products, one cross-sell campaign with 15 iterations,
// Parquet to Parquet (--plain: without probabilities, as runs were before they had them): at most 30 s, 4 GiB, and four times what the engine takes to copy the same bytes in and out; medians of 3 runs.
import { parseArgs } from 'node:util';
import { mebibytes, median, printTable, saveReport } from '../peers/rounds.ts';
import { crossSell, runOnSlices } from '../scale/sliced-job.ts';

const { values, positionals } = parseArgs({
  options: { bank: { type: 'string' }, plain: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [customers = 10_000_000, times = 3] = positionals.map(Number);
const { holdings, runs } = await runOnSlices(crossSell, customers, {
  runs: times,
  memory: '2GB',
  named: values.bank,
  plain: values.plain,
});
const stages = runs[0]!.stages.map(({ name }, i) => [name, median(runs.map((run) => run.stages[i]!.seconds))] as const);
const seconds = median(runs.map((run) => run.seconds));
const copy = median(runs.map((run) => run.copy!.all));
const peak = Math.max(...runs.map((run) => run.peak));
const [campaign] = runs[0]!.campaigns;
console.log(
  `\nOne cross-sell campaign, ${customers} customers, ${holdings} holdings, ${campaign!.baskets} distinct baskets, ${campaign!.rows} rows\n`,
);
printTable([
  ['', `median of ${times}`],
  ...stages.map(([name, taken]) => [`${name}, s`, taken.toFixed(2)]),
  ['whole run, s', seconds.toFixed(1)],
  ["the engine's copy of the same bytes, s", copy.toFixed(1)],
  ['of the rows alone, s', median(runs.map((run) => run.copy!.rows)).toFixed(1)],
  ['whole run / copy', (seconds / copy).toFixed(2)],
  ['peak memory', mebibytes(peak)],
]);
saveReport(`one-campaign-${customers}`, { customers, holdings, runs });
const limits = [
  [seconds <= 30, 'at most 30 s'],
  [peak <= 4 * 2 ** 30, 'at most 4 GiB'],
  [seconds <= 4 * copy, "at most 4 times the engine's copy"],
] as const;
for (const [holds, limit] of limits) console.log(`${holds ? 'ok' : 'FAIL'}: ${limit}`);
if (!limits.every(([holds]) => holds)) process.exitCode = 1;
