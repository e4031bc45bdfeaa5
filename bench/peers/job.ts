// `npm run bench:peers -- job [customers] [--bank FOLDER]`: the whole job of one cross-sell campaign, Parquet to Parquet, by Basketwise and by a script of pandas
// and implicit, in turns, by default for 1 million customers. The script gives no probabilities: ours without them (`calibrate: false`) does the same work.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sampleReferenceDate } from '@basketwise/sample';
import { crossSell, runSlicedJob, type SlicedRun } from '../scale/sliced-job.ts';
import { slicedBank } from '../scale/slices.ts';
import { implicitPython } from './peer.ts';
import { inRounds, mebibytes, median, printTable, ratioOf, ratioText, saveReport } from './rounds.ts';

interface ByHand {
  seconds: number;
  stages: Record<string, number>;
  rows: number;
  peak: number;
}

const { values, positionals } = parseArgs({ options: { bank: { type: 'string' } }, allowPositionals: true });
const [customers = 1_000_000] = positionals.map(Number);
const { python, env } = implicitPython();
const bank = await slicedBank(customers, crossSell.products, values.bank);
try {
  const spec = {
    data: join(bank.folder, 'data'),
    result: join(bank.folder, 'by-hand.parquet'),
    referenceDate: sampleReferenceDate,
    threads: 2,
  };
  const ours: Partial<Record<'basketwise' | 'basketwise, with probabilities', SlicedRun>> = {};
  let theirs: ByHand | undefined;
  const run = (name: keyof typeof ours, plain: boolean) => async () => {
    const found = await runSlicedJob(crossSell, bank.folder, { memory: '2GB', mayCopy: false, plain });
    ours[name] = found;
    return found.seconds;
  };
  const seconds = await inRounds({
    basketwise: run('basketwise', true),
    'basketwise, with probabilities': run('basketwise, with probabilities', false),
    'pandas and implicit': async () => {
      const begin = performance.now();
      const printed = execFileSync(python, [join(import.meta.dirname, 'job.py'), JSON.stringify(spec)], {
        env,
        encoding: 'utf8',
      });
      theirs = JSON.parse(printed);
      rmSync(spec.result);
      return (performance.now() - begin) / 1000;
    },
  });
  const ratio = ratioOf(seconds['pandas and implicit'], seconds.basketwise);
  console.log(`\nThe job of one cross-sell campaign, ${customers} customers x 300 products, 15 iterations, f = 64, 2 threads\n`);
  printTable([
    ['', 's', 'rows', 'peak memory', 'stages of the last run, s'],
    ...Object.entries(ours).map(([name, { campaigns, peak, stages }]) => [
      ...[name, median(seconds[name as keyof typeof ours]).toFixed(1), campaigns[0]!.rows, mebibytes(peak)],
      stagesOf(stages.map((stage) => [stage.name, stage.seconds])),
    ]),
    [
      'pandas and implicit',
      median(seconds['pandas and implicit']).toFixed(1),
      theirs!.rows,
      mebibytes(theirs!.peak),
      stagesOf(Object.entries(theirs!.stages)),
    ],
  ]);
  console.log(`pandas and implicit / basketwise: ${ratioText(ratio)}`);
  const full = ratioOf(seconds['pandas and implicit'], seconds['basketwise, with probabilities']);
  console.log(`pandas and implicit / basketwise, with probabilities: ${ratioText(full)}`);
  saveReport(`peers-job-${customers}`, { customers, holdings: bank.holdings, seconds, ratio, full, ours, theirs });
} finally {
  bank.remove();
}

function stagesOf(stages: readonly (readonly [string, number])[]): string {
  return stages.map(([name, taken]) => `${name} ${taken.toFixed(1)}`).join(', ');
}
