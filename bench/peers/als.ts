// `npm run bench:peers -- als [customers factors]...`: an iteration of ALS on a generated postal bank of 300 products in four bands against
// implicit (conjugate gradients and Cholesky) and LensKit (Cholesky, in Rust), the same holdings, parameters and item factors to start from, each in a process of its own,
// in turns: seconds per iteration, objective after as many iterations, and peak memory. Default: 10 million customers, 64 factors.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { taskOf, writeBank, writeStart } from './bank-files.ts';
import { lenskitPython, nodePeer, pythonPeer } from './peer.ts';
import { inRounds, mebibytes, median, printTable, ratioOf, ratioText, roundCount, saveReport } from './rounds.ts';

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
  const ratios = Object.fromEntries(
    Object.keys(seconds).flatMap((peer) => [
      [`${peer} / ours`, ratioOf(seconds[peer]!, seconds.ours!)],
      [`${peer} / ours, not collapsed`, ratioOf(seconds[peer]!, seconds['ours, not collapsed']!)],
    ]),
  );
  console.log(
    `\nALS, ${customers} customers x ${lines} products (${collapsed.rows} distinct baskets), f = ${factors}, per iteration`,
  );
  console.log(
    `collapsing took ${collapsed.seconds.toFixed(2)} s and arranging its rows ${arranging.toFixed(2)} s, once; ${roundCount} rounds\n`,
  );
  printTable([
    ['', 's per iteration', 'times ours', 'times ours, not collapsed', `objective after ${roundCount}`, 'peak memory'],
    ...Object.keys(seconds).map((name) => [
      name,
      median(seconds[name]!).toPrecision(3),
      ratioText(ratios[`${name} / ours`]!),
      ratioText(ratios[`${name} / ours, not collapsed`]!),
      objectives[name]?.toPrecision(9) ?? objectives['ours, not balanced']!.toPrecision(9),
      mebibytes(peaks[name]!),
    ]),
  ]);
  console.log(
    '\nThe objective beside "not collapsed" is that without balancing of norms: the textbook path, as implicit takes it.',
  );
  const found = { task, rows: collapsed.rows, collapsing: collapsed.seconds, arranging, seconds, ratios, objectives, peaks };
  saveReport(`peers-als-${customers}-${factors}`, found, { ...versions, ...lenskits?.versions });
} finally {
  for (const peer of [ours, plain, cg, cholesky, lenskit]) peer?.close();
  rmSync(folder, { recursive: true });
}
