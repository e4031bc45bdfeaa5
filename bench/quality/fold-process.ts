// `node fold-process.ts SET FOLD PART`: a part of the rows of one fold as JSON on stdout, a time line on stderr. run-folds.ts starts it.
import { createNodePool } from '@basketwise/core/node';
import { loadDataSet } from './data-set.ts';
import { partsOf } from './family.ts';
import { foldRows } from './fold-rows.ts';
import { foldOfSet } from './protocol.ts';

const [name, fold, part] = process.argv.slice(2) as [string, string, string];
const set = (await loadDataSet(name))!;
const pool = await createNodePool(1);
const begun = performance.now();
const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
let before = seconds();
const rows = await foldRows(set, foldOfSet(pool, set, Number(fold)), partsOf(set)[Number(part)]!, (row) => {
  const now = seconds();
  const elapsed = ((performance.now() - begun) / 1000).toFixed(0);
  console.error(`${name}, fold ${fold}: ${row}, ${(now - before).toFixed(1)} s of a processor (${elapsed} s so far)`);
  before = now;
});
await pool.close();
process.stdout.write(JSON.stringify(rows));
