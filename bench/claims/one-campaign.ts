// `npm run claim -- one-campaign [customers] [runs] [--bank FOLDER] [--plain]`: one cross-sell campaign of 10 million customers; 3 runs, with
// `--plain` without probabilities.
import { parseArgs } from 'node:util';
import { median } from '../peers/rounds.ts';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
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
record({
  title: 'One campaign',
  about:
    "One cross-sell campaign with `als`, 300 products, 15 iterations, Parquet to Parquet, beside the engine's own copy of the bytes that it reads and publishes.",
  tables: [
    {
      caption: `${grouped(customers)} customers, ${grouped(holdings)} holdings, ${grouped(campaign!.baskets)} distinct baskets, ${grouped(campaign!.rows)} rows`,
      columns: ['', `median of ${times}`],
      rows: [
        ...stages.map(([name, taken]) => [`${name}, s`, fixed(taken, 2)]),
        ['whole run, s', fixed(seconds, 2)],
        ["the engine's copy, s", fixed(copy, 2)],
        ['of the rows alone, s', Number(median(runs.map((run) => run.copy!.rows)).toFixed(2))],
        ['whole run / copy', fixed(seconds / copy, 2)],
        ['peak memory, GiB', fixed(peak / 2 ** 30, 2)],
      ],
    },
  ],
  checks: [
    { text: 'at most 30 s', holds: seconds <= 30 },
    { text: 'at most 4 GiB', holds: peak <= 4 * 2 ** 30 },
    { text: "at most 4 times the engine's copy", holds: seconds <= 4 * copy },
  ],
});
