// `npm run accept -- berka`: Berka over time, through a config and the command line: writes the bank's files and its config into a folder of its own, runs
// `basketwise evaluate` on them, and prints NDCG@5 and hit rates of the models that it compares. Needs ../shared/data/berka.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { berkaConfig, hasBerka, writeBerka } from '../quality/berka-bank.ts';

const program = fileURLToPath(new URL('../../packages/cli/bin/basketwise.js', import.meta.url));

if (!hasBerka) {
  console.error('berka: ../shared/data/berka is absent');
  process.exit(66);
}
const folder = await mkdtemp(join(tmpdir(), 'basketwise-berka-'));
try {
  await writeBerka(folder);
  await writeFile(join(folder, 'basketwise.yaml'), berkaConfig);
  const { status, stderr } = spawnSync(process.execPath, [program, 'evaluate', '-c', join(folder, 'basketwise.yaml')]);
  if (status !== 0) throw new Error(`evaluate ended with ${status}: ${stderr}`);
  const { campaigns } = JSON.parse(await readFile(join(folder, 'out/evaluation.json'), 'utf8'));
  console.log(`${berkaConfig}\n${campaigns[0].tested} customers tested. NDCG@5 (95 %), HR@3, HR@5:`);
  for (const { name, metrics, interval } of campaigns[0].models) {
    const figures = [metrics['ndcg@5'], interval?.low, interval?.high, metrics['hit rate@3'], metrics['hit rate@5']];
    console.log(name.padEnd(24), ...figures.map((figure) => figure?.toFixed(4) ?? '-'));
  }
} finally {
  await rm(folder, { recursive: true });
}
