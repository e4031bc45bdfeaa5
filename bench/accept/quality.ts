// One table of all models on the real sets, with paired bootstrap intervals (docs/evaluation.md):
//   npm run accept -- quality [set ...]
// Everything is tuned on inner splits; the test customers are looked at once. Exit code 1 where a bar is missed.
import { createNodePool } from '@basketwise/core/node';
import { bootstrap, difference, isDifferent } from '@basketwise/pipeline';
import { dataSetNames, loadDataSet } from '../quality/data-set.ts';
import { foldOfSet } from '../quality/protocol.ts';
import { addFold, columns, type Row } from '../quality/rows.ts';

/** What the default model has to reach. */
const bars: Readonly<Record<string, Partial<Record<(typeof columns)[number], number>>>> = {
  'berka core': { 'NDCG@5': 0.824 },
  'berka temporal': { 'NDCG@5': 0.72, 'HR@3': 0.74, 'HR@5': 0.88 },
  msweb: { 'NDCG@5': 0.52 },
};
/** How far the default may fall behind the best row where the interval of the difference excludes 0. */
const margin = 0.01;
const resampling = { resamples: 2000, seed: 0 };
const threads = Number(process.env.BENCH_THREADS ?? 2);

async function table(name: string): Promise<boolean> {
  const set = await loadDataSet(name);
  if (set === undefined) {
    console.log(`\n## ${name}: skipped, its folder is absent`);
    return true;
  }
  const rows = new Map<string, Row>();
  const begun = performance.now();
  for (const fold of set.folds) {
    const pool = await createNodePool(threads);
    await addFold(rows, set, foldOfSet(pool, set, fold));
    await pool.close();
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  return print(name, [...rows.values()], seconds);
}

const share = (value: number) => value.toFixed(4).replace(/^(-?)0/, '$1');

function print(name: string, rows: readonly Row[], seconds: number): boolean {
  const per = rows.map((row) => columns.map((column) => Float64Array.from(row.perCustomer[column])));
  const ndcg = per.map((values) => values[0]!);
  const means = bootstrap(ndcg, resampling);
  const best = means.reduce((at, { mean }, i) => (mean > means[at]!.mean ? i : at), 0);
  const popularity = rows.findIndex((row) => row.name === 'popularity');
  const against = bootstrap(
    ndcg.flatMap((values) => [difference(values, ndcg[popularity]!), difference(values, ndcg[best]!)]),
    resampling,
  );
  console.log(`\n## ${name}: ${ndcg[0]!.length} test customers, ${seconds} s\n`);
  console.log(`| model | ${columns.join(' | ')} | 95 % of NDCG@5 | minus popularity | minus best |`);
  console.log(`|---|${columns.map(() => '---|').join('')}---|---|---|`);
  for (const [i, row] of rows.entries()) {
    const cells = per[i]!.map((values) => share(values.reduce((sum, v) => sum + v, 0) / values.length));
    const gaps = [against[2 * i]!, against[2 * i + 1]!].map(
      (gap) => `${share(gap.mean)} (${share(gap.low)} .. ${share(gap.high)})${isDifferent(gap) ? '' : ' level'}`,
    );
    console.log(
      `| ${row.name} | ${cells.join(' | ')} | ${share(means[i]!.low)} .. ${share(means[i]!.high)} | ${gaps.join(' | ')} |`,
    );
  }
  const at = rows.findIndex((row) => row.name === 'default');
  console.log(`\nThe default chose: ${rows[at]!.chosen.map((spec) => spec.kind).join(', ')}`);
  const behind = against[2 * at + 1]!;
  let holds = !(behind.mean < -margin && isDifferent(behind));
  if (!holds) console.log(`MISSED: the default is ${share(behind.mean)} behind ${rows[best]!.name}`);
  for (const [column, bar] of Object.entries(bars[name] ?? {})) {
    const values = per[at]![columns.indexOf(column as (typeof columns)[number])]!;
    const reached = values.reduce((sum, v) => sum + v, 0) / values.length;
    console.log(`${reached >= bar ? 'reached' : 'MISSED'}: ${column} ${share(reached)}, bar ${share(bar)}`);
    holds &&= reached >= bar;
  }
  return holds;
}

const asked = process.argv.slice(2);
let holds = true;
for (const name of asked.length > 0 ? asked : dataSetNames) holds = (await table(name)) && holds;
process.exitCode = holds ? 0 : 1;
