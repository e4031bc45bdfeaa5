// `npm run claim -- berka`: quality of lists and probabilities on Berka over time, through a config and the command line. Needs the set in the
// folder of real sets (BASKETWISE_DATA, else ../shared/data).
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';
import { berkaConfig, hasBerka, writeBerka } from '../sets/berka-bank.ts';
import { modelTable, publicSets } from '../sets/model-table.ts';

const program = fileURLToPath(new URL('../../packages/cli/bin/basketwise.js', import.meta.url));

/** The least NDCG@5, HR@3 and HR@5 of the learned model. */
const bars = { 'ndcg@5': 0.735, 'hit rate@3': 0.745, 'hit rate@5': 0.88 };

if (!hasBerka()) {
  console.error('berka: the set is absent from the folder of real sets');
  process.exit(66);
}
const folder = await mkdtemp(join(tmpdir(), 'basketwise-berka-'));
try {
  await writeBerka(folder);
  await writeFile(join(folder, 'basketwise.yaml'), berkaConfig);
  const { status, stderr } = spawnSync(process.execPath, [program, 'evaluate', '-c', join(folder, 'basketwise.yaml')]);
  if (status !== 0) throw new Error(`evaluate ended with ${status}: ${stderr}`);
  const { campaigns, probabilities } = JSON.parse(await readFile(join(folder, 'out/evaluation.json'), 'utf8'));
  console.log(berkaConfig);
  const [{ tested, models }] = campaigns;
  const { pairs, bought, expected, brier, brierOfRate } = probabilities;
  const { metrics: own } = models.find(({ name }: { name: string }) => name === 'automatic');
  record({
    title: 'The default model on public sets',
    about: publicSets,
    tables: [
      modelTable(`Berka over time: ${tested} customers tested in four windows`, models),
      {
        caption: 'Probabilities of Berka, four half-years',
        columns: ['rows', 'purchases', 'expected', 'Brier score', 'of the common rate'],
        rows: [[pairs, bought, Math.round(expected), fixed(brier, 6), fixed(brierOfRate, 6)]],
      },
    ],
    checks: Object.entries(bars).map(([metric, bar]) => ({
      text: `${metric} of the default model at least ${bar}`,
      holds: own[metric] >= bar,
    })),
  });
} finally {
  await rm(folder, { recursive: true });
}
