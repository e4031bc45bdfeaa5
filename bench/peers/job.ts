// `npm run bench:peers -- job [customers]`: the whole job of one cross-sell campaign, Parquet to Parquet, by Basketwise and by a script of pandas and
// implicit: 1 million customers unless told, in turns. What it means for 10 million is told by the ratio, not measured.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { sampleReferenceDate } from '@basketwise/sample';
import { type CrossSellRun, crossSellBank, runJobOf } from '../scale/cross-sell.ts';
import { implicitPython } from './peer.ts';
import { inRounds, mebibytes, median, printTable, ratioOf, ratioText, saveReport } from './rounds.ts';

interface ByHand {
  seconds: number;
  stages: Record<string, number>;
  rows: number;
  peak: number;
}

const [customers = 1_000_000] = process.argv.slice(2).map(Number);
const { python, env } = implicitPython();
const bank = await crossSellBank(customers);
try {
  const spec = {
    data: join(bank.folder, 'data'),
    result: join(bank.folder, 'by-hand.parquet'),
    referenceDate: sampleReferenceDate,
    threads: 2,
  };
  let ours: CrossSellRun | undefined;
  let theirs: ByHand | undefined;
  const seconds = await inRounds({
    basketwise: async () => {
      ours = await runJobOf(bank.folder, { memory: '2GB', mayCopy: false });
      return ours.seconds;
    },
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
    [
      'basketwise',
      median(seconds.basketwise).toFixed(1),
      ours!.campaigns[0]!.rows,
      mebibytes(ours!.peak),
      stagesOf(ours!.stages.map(({ name, seconds }) => [name, seconds])),
    ],
    [
      'pandas and implicit',
      median(seconds['pandas and implicit']).toFixed(1),
      theirs!.rows,
      mebibytes(theirs!.peak),
      stagesOf(Object.entries(theirs!.stages)),
    ],
  ]);
  console.log(`pandas and implicit / basketwise: ${ratioText(ratio)}`);
  saveReport(`peers-job-${customers}`, { customers, holdings: bank.holdings, seconds, ratio, ours, theirs });
} finally {
  bank.remove();
}

function stagesOf(stages: readonly (readonly [string, number])[]): string {
  return stages.map(([name, taken]) => `${name} ${taken.toFixed(1)}`).join(', ');
}
