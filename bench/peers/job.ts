// `npm run bench:peers -- job [customers] [--bank FOLDER]`: one cross-sell campaign against a script of pandas and implicit, by default for 1
// million customers.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sampleReferenceDate } from '@basketwise/sample';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { crossSell, runSlicedJob, type SlicedRun } from '../scale/sliced-job.ts';
import { slicedBank } from '../scale/slices.ts';
import { implicitPython } from './peer.ts';
import { inRounds, median, ratioOf, ratioText } from './rounds.ts';

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
  const row = (name: keyof typeof seconds, rows: number, peak: number, stages: readonly (readonly [string, number])[]) => [
    ...[name, fixed(median(seconds[name]), 1), ratioText(ratioOf(seconds['pandas and implicit'], seconds[name]))],
    ...[rows, Math.round(peak / 2 ** 20), stages.map(([stage, taken]) => `${stage} ${taken.toFixed(1)}`).join(', ')],
  ];
  record({
    title: 'The job of pandas and implicit',
    about:
      'The whole job of one cross-sell campaign, Parquet to Parquet, by Basketwise and by a script of pandas and implicit, in turns: 300 products, 15 iterations, f = 64, two ' +
      'threads. The script gives no probabilities; ours without them does the same work.',
    tables: [
      {
        caption: `${grouped(customers)} customers, ${grouped(bank.holdings)} holdings`,
        columns: ['what', 's', 'pandas and implicit: times', 'rows', 'peak memory, MiB', 'stages of the last run, s'],
        rows: [
          ...Object.entries(ours).map(([name, { campaigns, peak, stages }]) =>
            row(
              name as keyof typeof ours,
              campaigns[0]!.rows,
              peak,
              stages.map((stage) => [stage.name, stage.seconds]),
            ),
          ),
          row('pandas and implicit', theirs!.rows, theirs!.peak, Object.entries(theirs!.stages)),
        ],
      },
    ],
  });
} finally {
  bank.remove();
}
