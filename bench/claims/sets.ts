// `npm run claim -- sets [name ...]`: real sets without dates through a config and the command line: writes each set as a bank's files with the config below into
// a folder of its own, runs `basketwise evaluate` on it (five folds, one product of each customer hidden), and prints NDCG@5 and hit rates. Exit code 1 where the
// learned model misses a bar.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSet } from '../sets/real-sets.ts';
import { setConfig, writeSet } from '../sets/set-bank.ts';
import { eachUndatedSet, runOn } from '../sets/undated-sets.ts';

/** The least NDCG@5 of the learned model. */
const bars: Readonly<Record<string, number>> = {
  ...{ coil2000: 0.8875, 'berka core': 0.829, msweb: 0.5485, groceries: 0.1943, epub: 0.2804, online_retail: 0.1662 },
  completejourney: 0.148,
};

const configOf = (set: DataSet) => setConfig(set, 'evaluate: { at: [1, 3, 5] }\n');

await eachUndatedSet(process.argv.slice(2), async (name, set, folder) => {
  await writeSet(folder, set, configOf(set));
  runOn(folder, 'evaluate');
  const { campaigns } = JSON.parse(await readFile(join(folder, 'out/evaluation.json'), 'utf8'));
  console.log(`${name}: ${campaigns[0].tested} customers tested. NDCG@5 (95 %), HR@3, HR@5:\n${configOf(set)}`);
  for (const { name: model, metrics, interval } of campaigns[0].models) {
    const figures = [metrics['ndcg@5'], interval?.low, interval?.high, metrics['hit rate@3'], metrics['hit rate@5']];
    console.log(model.padEnd(24), ...figures.map((figure) => figure?.toFixed(4) ?? '-'));
    if (model !== 'automatic' || metrics['ndcg@5'] >= bars[name]!) continue;
    console.log(`MISSED: at least ${bars[name]} was asked`);
    process.exitCode = 1;
  }
});
