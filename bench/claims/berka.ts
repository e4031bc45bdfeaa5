// `npm run claim -- berka`: Berka over time, through a config and the command line: writes the bank's files and its config into a folder of its own, runs
// `basketwise evaluate` on them, and prints NDCG@5 and hit rates of the models that it compares. Exit code 1 where the learned model misses a bar. Needs
// the set in the folder of real sets (BASKETWISE_DATA, else ../shared/data).
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { berkaConfig, hasBerka, writeBerka } from '../sets/berka-bank.ts';

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
  console.log(`${berkaConfig}\n${campaigns[0].tested} customers tested. NDCG@5 (95 %), HR@3, HR@5:`);
  for (const { name, metrics, interval } of campaigns[0].models) {
    const figures = [metrics['ndcg@5'], interval?.low, interval?.high, metrics['hit rate@3'], metrics['hit rate@5']];
    console.log(name.padEnd(24), ...figures.map((figure) => figure?.toFixed(4) ?? '-'));
    for (const [metric, bar] of name === 'automatic' ? Object.entries(bars) : []) {
      if (metrics[metric] >= bar) continue;
      console.log(`MISSED: ${metric} of at least ${bar} was asked`);
      process.exitCode = 1;
    }
  }
  const { pairs, bought, expected, brier, brierOfRate } = probabilities;
  console.log(
    `${bought} purchases of ${pairs} recommendations, ${expected} expected; Brier score ${brier}, of the rate ${brierOfRate}`,
  );
} finally {
  await rm(folder, { recursive: true });
}
