// One table of all models on the real sets, with paired bootstrap intervals (docs/evaluation.md):
//   npm run claim -- quality [set ...] [--keep FOLDER]
// Everything is tuned on inner splits; the test customers are looked at once. Folds run side by side, in several processes
// (BENCH_THREADS, 2 by default). With --keep finished parts are kept in a folder and taken from there when the command is run again.
// The figures that a config gives are measured by `npm run claim -- sets` and `-- berka`.
import { parseArgs } from 'node:util';
import { required } from '@basketwise/core';
import { type DataSet, dataSetNames, loadDataSet } from '../quality/data-set.ts';
import { runFolds } from '../quality/run-folds.ts';
import { judge, setTable, summary } from '../quality/table.ts';

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
const judged = sets.map((set) => judge(set, required(rows, set.name)));
for (const one of judged) console.log(`\n${setTable(one)}`);
if (judged.length > 0) console.log(`\n## NDCG@5, 95 % intervals\n\n${summary(judged)}\n`);
console.error(`${Math.round((performance.now() - begun) / 1000)} s`);
