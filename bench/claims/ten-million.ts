// `npm run claim -- ten-million [customers] [--kill] [--seed N] [--bank FOLDER] [--plain]`: 10 million generated customers x 430 products, six campaigns,
// Parquet only: time per stage and peak memory of the process tree, which may be at most 6 GiB. With --kill also a run that is killed with -9 in the
// middle of a stage, and a rerun that must end with the same bytes. A bank in a named folder is generated once and used again. Needs about 20 GB
// of disk in the folder for temporary files. --plain is a run without probabilities, as runs were before they had them.
import { parseArgs } from 'node:util';
import { runAtScale, type ScaleRun } from '../scale/bank-run.ts';
import { killAtScale } from '../scale/kill-at-scale.ts';

const { values, positionals } = parseArgs({
  options: {
    kill: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    bank: { type: 'string' },
    plain: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [customers = 10_000_000] = positionals.map(Number);
const run: ScaleRun = {
  customers,
  formats: ['parquet'],
  memory: '2GB',
  mostMemory: 6 * 2 ** 30,
  bank: values.bank,
  plain: values.plain,
};
const holds = values.kill ? await killAtScale(run, Number(values.seed)) : await runAtScale(run);
process.exitCode = holds ? 0 : 1;
