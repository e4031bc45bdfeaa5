// `npm run claim -- workers [customers]`: 2 workers against 1 at 10 million generated customers x 300 products, in turns: training (15
// sweeps, 64 factors) and scoring (the five best products): at least 1.7 times on both.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { taskOf, writeBank, writeStart } from '../peers/bank-files.ts';
import { nodePeer } from '../peers/peer.ts';
import { inRounds, median, printTable, ratioOf, ratioText, saveReport } from '../peers/rounds.ts';

const [customers = 10_000_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'basketwise-workers-'));
const [one, two] = [nodePeer('factorization-ours.ts'), nodePeer('factorization-ours.ts')];
try {
  const lines = await writeBank(folder, customers, 300);
  const task = taskOf(folder, customers, lines, 64);
  writeStart(task);
  for (const [threads, peer] of [one, two].entries())
    await peer.ask({ run: 'load', ...task, threads: threads + 1, collapsed: true });
  const train = (peer: typeof one) => async () => (await peer.ask<{ total: number }>({ run: 'fit', iterations: 15 })).total;
  const score = (peer: typeof one) => async () => (await peer.ask<{ seconds: number }>({ run: 'topN', n: 5 })).seconds;
  const seconds = await inRounds({
    'train, 1': train(one),
    'train, 2': train(two),
    'score, 1': score(one),
    'score, 2': score(two),
  });
  const ratios = {
    train: ratioOf(seconds['train, 1'], seconds['train, 2']),
    score: ratioOf(seconds['score, 1'], seconds['score, 2']),
  };
  console.log(`\n2 workers against 1, ${customers} customers x ${lines} products, f = 64\n`);
  printTable([
    ['', '1 worker, s', '2 workers, s', 'ratio'],
    ...(['train', 'score'] as const).map((stage) => [
      stage,
      median(seconds[`${stage}, 1`]).toFixed(2),
      median(seconds[`${stage}, 2`]).toFixed(2),
      ratioText(ratios[stage]),
    ]),
  ]);
  saveReport(`workers-${customers}`, { task, seconds, ratios });
  if (ratios.train.median < 1.7 || ratios.score.median < 1.7) process.exitCode = 1;
} finally {
  for (const peer of [one, two]) peer.close();
  rmSync(folder, { recursive: true });
}
