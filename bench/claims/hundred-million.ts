// `npm run claim -- hundred-million [customers] [--night] [--memory 11GB] [--bank FOLDER]`: one cross-sell campaign of 100 million generated customers x 300 products, Parquet
// only, after the same job at a tenth of them: at most 12 GiB (11 GB for the engine), and no stage longer than 1.15 times what is linear. With --night the sample's six
// campaigns of 430 products with the default model, clusters and segments. Needs about 50 GB of disk in the folder for temporary files while it runs, and leaves nothing
// there; banks in a named folder stay, and are used again.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mebibytes, printTable, saveReport } from '../peers/rounds.ts';
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
const total = (of: 'baskets' | 'rows') => after.campaigns.reduce((sum, campaign) => sum + campaign[of], 0);
console.log(
  `\n${night ? 'Six campaigns with the default model' : 'One cross-sell campaign'}; ${whole.holdings} holdings, ${total('baskets')} distinct baskets, ${total('rows')} rows\n`,
);
printTable([
  ['', `${customers / 10} customers`, `${customers} customers`, 'times linear'],
  ...stages.map(({ name, less, seconds, growth }) => [`${name}, s`, less.toFixed(1), seconds.toFixed(1), growth.toFixed(2)]),
  ['whole run, s', before.seconds.toFixed(1), after.seconds.toFixed(1), (after.seconds / (10 * before.seconds)).toFixed(2)],
  ['peak memory', mebibytes(before.peak), mebibytes(after.peak), ''],
]);
saveReport(`hundred-million-${night ? 'night-' : ''}${customers}`, { customers, tenth, whole });
const slow = stages.filter(({ growth }) => growth > 1.15).map(({ name }) => name);
console.log(after.peak <= 12 * 2 ** 30 ? 'ok: at most 12 GiB' : 'FAIL: more than 12 GiB');
console.log(
  slow.length === 0 ? 'ok: every stage within 1.15 times linear' : `FAIL: more than 1.15 times linear: ${slow.join(', ')}`,
);
if (after.peak > 12 * 2 ** 30 || slow.length > 0) process.exitCode = 1;
