// `npm run claim -- sets [name ...]`: quality of lists on real sets without dates, through a config and the command line.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ResultTable, record } from '../records/record.ts';
import { type EvaluatedModel, modelTable, publicSets } from '../sets/model-table.ts';
import type { DataSet } from '../sets/real-sets.ts';
import { setConfig, writeSet } from '../sets/set-bank.ts';
import { eachUndatedSet, runOn } from '../sets/undated-sets.ts';

/** The least NDCG@5 of the learned model. */
const bars: Readonly<Record<string, number>> = {
  ...{ coil2000: 0.8875, 'berka core': 0.829, msweb: 0.5485, groceries: 0.1943, epub: 0.2804, online_retail: 0.1662 },
  completejourney: 0.148,
};

const configOf = (set: DataSet) => setConfig(set, 'evaluate: { at: [1, 3, 5] }\n');

const tables: ResultTable[] = [];
const missed: string[] = [];

await eachUndatedSet(process.argv.slice(2), async (name, set, folder) => {
  await writeSet(folder, set, configOf(set));
  runOn(folder, 'evaluate');
  const { campaigns } = JSON.parse(await readFile(join(folder, 'out/evaluation.json'), 'utf8'));
  const [{ tested, models }]: [{ tested: number; models: EvaluatedModel[] }] = campaigns;
  tables.push(modelTable(`${name}: ${tested} customers tested`, models));
  const own = models.find((model) => model.name === 'automatic')!.metrics['ndcg@5']!;
  if (own < bars[name]!) missed.push(`${name} ${own.toFixed(4)} of ${bars[name]}`);
});
record({
  ...{ title: 'The default model on public sets', about: publicSets, tables },
  checks: [
    {
      text: `NDCG@5 of the default model at least the bar of each set${missed.map((one) => `; ${one}`).join('')}`,
      holds: missed.length === 0,
    },
  ],
});
