// `npm run claim -- hundred-million [customers] [--night] [--memory 11GB] [--bank FOLDER]`: one campaign of 100 million customers, with `--night`
// the sample's six. Needs about 50 GB of disk in the folder for temporary files, and leaves nothing there; banks in a named folder stay, and are
// used again.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { crossSell, runOnSlices, wholeNight } from '../scale/sliced-job.ts';

const { values, positionals } = parseArgs({
  options: {
    night: { type: 'boolean', default: false },
    memory: { type: 'string', default: '11GB' },
    bank: { type: 'string' },
  },
  allowPositionals: true,
});
const { night, memory } = values;
const [customers = 100_000_000] = positionals.map(Number);
const run = (count: number) => {
  const named = values.bank === undefined ? undefined : join(values.bank, String(count));
  return runOnSlices(night ? wholeNight : crossSell, count, { runs: 1, memory, mayCopy: false, named });
};
const [tenth, whole] = [await run(customers / 10), await run(customers)];
const [before, after] = [tenth.runs[0]!, whole.runs[0]!];
const stages = after.stages.map(({ name, seconds }, i) => {
  const { seconds: less } = before.stages[i]!;
  return { name, less, seconds, growth: seconds / (10 * less) };
});
const total = (of: 'baskets' | 'rows') => grouped(after.campaigns.reduce((sum, campaign) => sum + campaign[of], 0));
const size = (count: number) => `${grouped(count)} customers`;
const slow = stages.filter(({ growth }) => growth > 1.15).map(({ name }) => name);
record({
  title: '100 million customers',
  about:
    'A job at full size against a tenth of it, Parquet only: one cross-sell campaign of 300 products with `als`, or the six campaigns of the sample with 430 products, the default model and clusters.',
  tables: [
    {
      caption: `${night ? 'Six campaigns' : 'One campaign'}: ${grouped(whole.holdings)} holdings, ${total('baskets')} distinct baskets, ${total('rows')} rows; ${memory} for the engine`,
      columns: ['', size(customers / 10), size(customers), 'times linear'],
      rows: [
        ...[
          ...stages,
          { name: 'whole run', less: before.seconds, seconds: after.seconds, growth: after.seconds / (10 * before.seconds) },
        ].map((one) => [`${one.name}, s`, ...[one.less, one.seconds].map((taken) => fixed(taken, 1)), fixed(one.growth, 2)]),
        ['peak memory, MiB', ...[before, after].map(({ peak }) => Math.round(peak / 2 ** 20)), ''],
      ],
    },
  ],
  checks: [
    { text: 'at most 12 GiB', holds: after.peak <= 12 * 2 ** 30 },
    {
      text: `every stage within 1.15 times linear${slow.length > 0 ? `; above it: ${slow.join(', ')}` : ''}`,
      holds: slow.length === 0,
    },
  ],
});
