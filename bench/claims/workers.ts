// `npm run claim -- workers [customers]`: 2 workers against 1 at 10 million generated customers x 300 products.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { taskOf, writeBank, writeStart } from '../peers/bank-files.ts';
import { nodePeer } from '../peers/peer.ts';
import { inRounds, median, ratioOf, ratioText } from '../peers/rounds.ts';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';

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
  const ratios = (['train', 'score'] as const).map((stage) => ratioOf(seconds[`${stage}, 1`], seconds[`${stage}, 2`]));
  record({
    title: 'Two workers against one',
    about: 'Training (15 sweeps) and scoring (the five best products) of a generated postal bank with f = 64, in turns.',
    tables: [
      {
        caption: `${grouped(customers)} customers x ${lines} products`,
        columns: ['what', '1 worker, s', '2 workers, s', 'times as fast'],
        rows: (['train', 'score'] as const).map((stage, i) => [
          stage,
          fixed(median(seconds[`${stage}, 1`]), 2),
          fixed(median(seconds[`${stage}, 2`]), 2),
          ratioText(ratios[i]!),
        ]),
      },
    ],
    checks: [{ text: 'both at least 1.7 times as fast', holds: ratios.every((ratio) => ratio.median >= 1.7) }],
  });
} finally {
  for (const peer of [one, two]) peer.close();
  rmSync(folder, { recursive: true });
}
