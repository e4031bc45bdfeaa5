// One table of all models on the real sets, with paired bootstrap intervals (docs/evaluation.md):
//   npm run accept -- quality [set ...] [--keep FOLDER]
// Everything is tuned on inner splits; the test customers are looked at once. Folds run side by side, in several processes
// (BENCH_THREADS, 2 by default). With --keep finished parts are kept in a folder and taken from there when the command is run again.
// Exit code 1 where a bar is missed.
import { parseArgs } from 'node:util';
import { isDifferent } from '@basketwise/pipeline';
import { type DataSet, dataSetNames, loadDataSet } from '../quality/data-set.ts';
import type { Column } from '../quality/fold-rows.ts';
import { runFolds } from '../quality/run-folds.ts';
import { type JudgedSet, judge, setTable, share, summary } from '../quality/table.ts';

/** What the default model has to reach. */
const bars: Readonly<Record<string, Partial<Record<Column, number>>>> = {
  'berka core': { 'NDCG@5': 0.824 },
  'berka temporal': { 'NDCG@5': 0.72, 'HR@3': 0.74, 'HR@5': 0.88 },
  msweb: { 'NDCG@5': 0.52 },
};
/** How far the default may fall behind the best row where the interval of the difference excludes 0. */
const margin = 0.01;

/** Says which bars the default reaches, and whether it reaches all of them. */
function holdsBars({ set, standard, best }: JudgedSet): boolean {
  const isBehind = standard.minusBest.mean < -margin && isDifferent(standard.minusBest);
  if (isBehind) console.log(`${set.name}: MISSED, the default is ${share(-standard.minusBest.mean)} behind ${best.name}`);
  const reached = Object.entries(bars[set.name] ?? {}).map(([column, bar]) => {
    const value = standard.means[column as Column];
    console.log(`${set.name}: ${value >= bar ? 'reached' : 'MISSED'}, ${column} ${share(value)}, bar ${share(bar)}`);
    return value >= bar;
  });
  return !isBehind && reached.every(Boolean);
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { keep: { type: 'string' } } });
const unknown = positionals.filter((name) => !dataSetNames.includes(name));
if (unknown.length > 0) {
  console.error(`quality: no set is named ${unknown.join(', ')}; there are: ${dataSetNames.join(', ')}`);
  process.exit(64);
}
const begun = performance.now();
const sets: DataSet[] = [];
for (const name of positionals.length > 0 ? positionals : dataSetNames) {
  const set = await loadDataSet(name);
  if (set === undefined) console.log(`${name}: skipped, its folder is absent`);
  else sets.push(set);
}
const rows = await runFolds(sets, { processes: Number(process.env.BENCH_THREADS ?? 2), keep: values.keep });
const judged = sets.map((set) => judge(set, rows.get(set.name)!));
for (const one of judged) console.log(`\n${setTable(one)}`);
if (judged.length > 0) console.log(`\n## NDCG@5, 95 % intervals\n\n${summary(judged)}\n`);
const holds = judged.map(holdsBars);
console.error(`${Math.round((performance.now() - begun) / 1000)} s`);
process.exitCode = holds.every(Boolean) ? 0 : 1;
