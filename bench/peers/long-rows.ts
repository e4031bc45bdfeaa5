// `npm run bench:peers -- long-rows [iterations]`: rows as long as those of films, 15 iterations by default, against implicit's Cholesky and
// conjugate gradients.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, packEntry } from '@basketwise/core/parts';
import { record } from '../records/record.ts';
import { taskOf, writeRows, writeStart } from './bank-files.ts';
import { nodePeer, pythonPeer } from './peer.ts';
import { inRounds, median, ratioOf, ratioText } from './rounds.ts';

const [iterations = 15] = process.argv.slice(2).map(Number);
const [viewers, films, mean, fewest] = [6000, 3700, 125, 20];

/** Viewers of films: lengths 20 and more, exponential, 125 on average; the film of rank r is drawn with r^-0.6 or so. */
function writeFilms(folder: string): void {
  const { next } = createRandom(1);
  const start = new Uint32Array(viewers + 1);
  const entries: number[] = [];
  for (let viewer = 0; viewer < viewers; viewer++) {
    const length = Math.min(films / 2, Math.round(fewest - (mean - fewest) * Math.log(1 - next())));
    const seen = new Set<number>();
    while (seen.size < length) seen.add(Math.floor(films * next() ** 2.5));
    const row = [...seen].sort((a, b) => a - b).map((column) => packEntry({ column, band: Math.floor(4 * next()) }));
    for (const packed of row) entries.push(packed);
    start[viewer + 1] = entries.length;
  }
  writeRows(folder, start, Uint32Array.from(entries));
}

const folder = mkdtempSync(join(tmpdir(), 'basketwise-long-rows-'));
const [ours, cg, cholesky] = [nodePeer('factorization-ours.ts'), pythonPeer('factorization.py'), pythonPeer('factorization.py')];
try {
  writeFilms(folder);
  const task = taskOf(folder, viewers, films, 64);
  writeStart(task);
  await ours.ask({ run: 'load', ...task, collapsed: false });
  const { versions } = await cg.ask<{ versions: Record<string, string> }>({ run: 'load', ...task, cg: true });
  await cholesky.ask({ run: 'load', ...task, cg: false });
  const objectives: Record<string, number> = {};
  const fitted = (name: string, options: Record<string, unknown>) => async () => {
    const { seconds, objective } = await ours.ask<{ seconds: number[]; objective: number }>({
      run: 'fit',
      iterations,
      ...options,
    });
    objectives[name] = objective;
    return median(seconds);
  };
  const iterate = (name: string, peer: typeof cg) => async () => {
    await peer.ask({ run: 'restart' });
    const { seconds } = await peer.ask<{ seconds: number[] }>({ run: 'iterate', iterations });
    objectives[name] = (await peer.ask<{ objective: number }>({ run: 'objective' })).objective;
    return median(seconds);
  };
  const seconds = await inRounds({
    'ours, exact': fitted('ours, exact', {}),
    'implicit Cholesky': iterate('implicit Cholesky', cholesky),
    'implicit CG': iterate('implicit CG', cg),
  });
  record({
    title: 'Long rows',
    about: 'Generated viewers of films, without equal baskets, from the same item factors, f = 64.',
    tables: [
      {
        caption: `${viewers} x ${films}, ${mean} each on average, ${iterations} iterations`,
        columns: ['what', 's per iteration', 'times ours', `objective after ${iterations}`],
        rows: Object.entries(seconds).map(([name, taken]) => [
          name,
          Number(median(taken).toPrecision(3)),
          ratioText(ratioOf(taken, seconds['ours, exact'])),
          Math.round(objectives[name]!),
        ]),
      },
    ],
    peers: versions,
  });
} finally {
  for (const peer of [ours, cg, cholesky]) peer.close();
  rmSync(folder, { recursive: true });
}
