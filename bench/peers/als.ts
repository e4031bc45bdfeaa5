// `npm run bench:peers -- als [customers [factors]]`: an iteration of ALS against implicit (conjugate gradients and Cholesky) and LensKit (Cholesky,
// in Rust), each in a process of its own, in turns. Default: 10 million customers x 300 products, 64 factors.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record } from '../records/record.ts';
import { grouped } from '../records/table-text.ts';
import { taskOf, writeBank, writeStart } from './bank-files.ts';
import { lenskitPython, nodePeer, pythonPeer } from './peer.ts';
import { inRounds, median, ratioOf, ratioText, roundCount } from './rounds.ts';

interface Fitted {
  first: number;
  seconds: number[];
  objective: number;
}

const asked = process.argv.slice(2).map(Number);
const [customers = 10_000_000, factors = 64] = asked;
const products = 300;
const folder = mkdtempSync(join(tmpdir(), 'basketwise-als-'));
// Cholesky with 200 factors takes minutes an iteration and as much memory again: with more than 64 factors only CG is compared.
const withCholesky = factors <= 64;
const [ours, plain, cg, cholesky, lenskit] = [
  nodePeer('factorization-ours.ts'),
  nodePeer('factorization-ours.ts'),
  pythonPeer('factorization.py'),
  withCholesky ? pythonPeer('factorization.py') : undefined,
  withCholesky ? pythonPeer('factorization-lenskit.py', lenskitPython()) : undefined,
];
try {
  const lines = await writeBank(folder, customers, products);
  const task = taskOf(folder, customers, lines, factors);
  writeStart(task);
  const collapsed = await ours.ask<{ rows: number; seconds: number }>({ run: 'load', ...task, collapsed: true });
  await plain.ask({ run: 'load', ...task, collapsed: false });
  const { versions } = await cg.ask<{ versions: Record<string, string> }>({ run: 'load', ...task, cg: true });
  await cholesky?.ask({ run: 'load', ...task, cg: false });
  const lenskits = await lenskit?.ask<{ versions: Record<string, string> }>({ run: 'load', ...task });
  let arranging = 0;
  const sweepOf = (peer: typeof ours) => async () => {
    const { first, seconds } = await peer.ask<Fitted>({ run: 'fit', iterations: 4 });
    if (peer === ours) arranging = first - median(seconds);
    return median(seconds);
  };
  const iterate = (peer: typeof cg) => async () =>
    (await peer.ask<{ seconds: number[] }>({ run: 'iterate', iterations: 1 })).seconds[0]!;
  const seconds = await inRounds<string>({
    ours: sweepOf(ours),
    'ours, not collapsed': sweepOf(plain),
    'implicit CG': iterate(cg),
    ...(cholesky ? { 'implicit Cholesky': iterate(cholesky) } : {}),
    ...(lenskit ? { LensKit: iterate(lenskit) } : {}),
  });
  const peak = { ours: ours.peakBytes(), 'ours, not collapsed': plain.peakBytes(), 'implicit CG': cg.peakBytes() };
  const peaks: Record<string, number> = {
    ...peak,
    ...(cholesky ? { 'implicit Cholesky': cholesky.peakBytes() } : {}),
    ...(lenskit ? { LensKit: lenskit.peakBytes() } : {}),
  };
  const after = (balance: boolean) => ours.ask<Fitted>({ run: 'fit', iterations: roundCount, balance });
  const objectives: Record<string, number> = {
    ours: (await after(true)).objective,
    'ours, not balanced': (await after(false)).objective,
    'implicit CG': (await cg.ask<{ objective: number }>({ run: 'objective' })).objective,
    ...(cholesky ? { 'implicit Cholesky': (await cholesky.ask<{ objective: number }>({ run: 'objective' })).objective } : {}),
    ...(lenskit ? { LensKit: (await lenskit.ask<{ objective: number }>({ run: 'objective' })).objective } : {}),
  };
  const times = (name: string, than: string) => ratioText(ratioOf(seconds[name]!, seconds[than]!));
  record({
    title: 'An ALS iteration',
    about:
      'A generated postal bank in four bands; the same holdings, parameters and item factors to start from, two threads each (BLAS one, as implicit advises). ' +
      'Ours works on distinct baskets, or on all customers where it is not collapsed. The objective beside the latter is without balancing of norms, as implicit computes it.',
    tables: [
      {
        caption: `${grouped(customers)} customers (${grouped(collapsed.rows)} distinct baskets) x ${lines} products, f = ${factors}, ${roundCount} rounds`,
        columns: ['what', 's per iteration', 'times ours', 'times ours, not collapsed', 'objective', 'peak memory, MiB'],
        rows: Object.keys(seconds).map((name) => [
          name,
          Number(median(seconds[name]!).toPrecision(3)),
          times(name, 'ours'),
          times(name, 'ours, not collapsed'),
          Math.round(objectives[name] ?? objectives['ours, not balanced']!),
          Math.round(peaks[name]! / 2 ** 20),
        ]),
      },
    ],
    notes: [`Collapsing takes ${collapsed.seconds.toFixed(2)} s and arranging its rows ${arranging.toFixed(2)} s, once.`],
    peers: { ...versions, ...lenskits?.versions },
  });
} finally {
  for (const peer of [ours, plain, cg, cholesky, lenskit]) peer?.close();
  rmSync(folder, { recursive: true });
}
