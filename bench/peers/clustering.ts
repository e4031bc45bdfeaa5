// `node --import tsx bench/peers/clustering.ts [kmeans|kprototypes]`: the same rows, on the same machine, in one run, fitting only (rows are in
// the memory of either side, the kernels are compiled): k-means against
// scikit-learn (1M x 24, k = 8, same start, same iterations, as many threads), k-prototypes against kmodes (adult, 48,842 x 14, k = 8).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNodePool } from '@basketwise/core/node';
import {
  centresFromRows,
  createRandom,
  type FitOptions,
  fitCentres,
  kernelHash,
  type Points,
  PointsBuilder,
} from '@basketwise/core/parts';
import { numbersOf, pointsOf, readTable, standardised } from '../../test/reference/mixed-set.ts';
import { pythonWith } from './python.ts';

const threads = Number(process.env.BENCH_THREADS ?? 2);
/** Repetitions of what takes seconds. */
const rounds = 5;
const folder = mkdtempSync(join(tmpdir(), 'basketwise-clustering-'));

interface PeerRun {
  seconds: number;
  /** Seconds of all threads: less at the mercy of what else the machine does. */
  processor: number;
  cost: number;
  iterations: number;
}

function runPeer(spec: Record<string, unknown>): PeerRun {
  const python = pythonWith('clustering', ['scikit-learn==1.9.1', 'kmodes==0.12.2']);
  const script = fileURLToPath(new URL('clustering.py', import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: String(threads) };
  return JSON.parse(execFileSync(python, [script, JSON.stringify({ ...spec, threads })], { env, encoding: 'utf8' }));
}

async function timed(points: Points, options: FitOptions): Promise<PeerRun> {
  const mark = points.pool.memory.mark();
  const used = process.cpuUsage();
  const begin = performance.now();
  const fit = await fitCentres(points, options);
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(used);
  points.pool.memory.release(mark);
  return { seconds, processor: (user + system) / 1e6, cost: fit.cost, iterations: fit.iterations };
}

/** Of what takes a blink: one run to warm up, then the median of nine. */
async function medianOf(points: Points, options: FitOptions): Promise<PeerRun> {
  const runs: PeerRun[] = [];
  for (let round = 0; round < 10; round++) runs.push(await timed(points, options));
  return median(runs.slice(1));
}

/** The run of median seconds. */
function median(runs: readonly PeerRun[]): PeerRun {
  return [...runs].sort((a, b) => a.seconds - b.seconds)[(runs.length - 1) >> 1]!;
}

function report(name: string, peer: string, ours: PeerRun, theirs: PeerRun): void {
  const load = loadavg()[0]!.toFixed(1);
  console.log(
    `${name} (${cpus()[0]?.model}, ${threads} threads, load ${load}, Node ${process.versions.node}, kernels ${kernelHash})`,
  );
  const line = (who: string, { seconds, processor, cost, iterations }: PeerRun) =>
    console.log(
      `  ${who.padEnd(16)} ${seconds.toFixed(3).padStart(9)} s, processor ${processor.toFixed(3)} s  cost ${cost.toPrecision(10)}  ${iterations} iterations`,
    );
  line('basketwise', ours);
  line(peer, theirs);
  const ratios = [theirs.seconds / ours.seconds, theirs.processor / ours.processor].map((ratio) => ratio.toFixed(2));
  console.log(
    `  ratio ${ratios[0]}x, of processor seconds ${ratios[1]}x, cost ${(ours.cost / theirs.cost).toFixed(6)} of the peer's\n`,
  );
}

/** Twelve overlapping heaps in 24 dimensions. */
async function benchKMeans(): Promise<void> {
  const rows = Number(process.env.BENCH_ROWS ?? 1_000_000);
  const [d, k] = [24, 8];
  const pool = await createNodePool(threads);
  const builder = new PointsBuilder(
    pool,
    { numeric: Array.from({ length: d }, (_, f) => `x${f}`), categorical: [] },
    { capacity: rows },
  );
  const random = createRandom(1);
  const all = new Float32Array(rows * d);
  const numeric = Array.from({ length: d }, () => new Float32Array(rows));
  for (let i = 0; i < rows; i++) {
    const heap = Math.floor(random.next() * 12);
    for (let f = 0; f < d; f++) {
      const x = Math.sin(heap * 13 + f * 7) + random.next() + random.next() + random.next() - 1.5;
      all[i * d + f] = x;
      numeric[f]![i] = x;
    }
  }
  await builder.append({ rows, numeric, codes: [] });
  const points = await builder.finish();
  const file = join(folder, 'rows.f32');
  writeFileSync(file, all);
  const start = centresFromRows(
    points,
    Array.from({ length: k }, (_, j) => Math.floor((j * rows) / k)),
  );
  for (const iterations of [10, 50]) {
    const [ours, theirs]: [PeerRun[], PeerRun[]] = [[], []];
    // The first round compiles the kernels and fills the caches of files.
    for (let round = 0; round <= rounds; round++) {
      ours.push(await timed(points, { k, start, tolerance: 0, maxIterations: iterations }));
      theirs.push(runPeer({ run: 'kmeans', file, columns: d, k, iterations }));
    }
    const name = `k-means, ${rows} x ${d}, k = ${k}, at most ${iterations} iterations, medians of ${rounds} in turns`;
    report(name, 'scikit-learn', median(ours.slice(1)), median(theirs.slice(1)));
  }
  await pool.close();
}

async function benchKPrototypes(): Promise<void> {
  const table = await readTable('adult/adult_uci.csv');
  const numericNames = ['age', 'fnlwgt', 'education-num', 'capital-gain', 'capital-loss', 'hours-per-week'];
  const texts = Object.keys(table).filter((name) => ![...numericNames, 'income'].includes(name));
  const numeric = numericNames.map((name) => standardised(numbersOf(table[name]!)));
  const pool = await createNodePool(threads);
  const points = await pointsOf(
    pool,
    numeric,
    texts.map((name) => table[name]!),
  );
  const file = join(folder, 'adult.f32');
  const codes = join(folder, 'adult.u16');
  writeFileSync(file, pool.memory.f32(points.numeric, points.rows * numeric.length).slice());
  writeFileSync(codes, pool.memory.u16(points.codes, points.rows * texts.length).slice());
  const options = { k: 8, gamma: 0.5, tolerance: 0, maxIterations: 100 };
  const one = await medianOf(points, options);
  const sampled = await medianOf(points, { ...options, starts: 3, startSample: 4096 });
  const twenty = await timed(points, { ...options, starts: 20 });
  const theirs = runPeer({ run: 'kprototypes', file, codes, columns: numeric.length, k: 8, gamma: 0.5 });
  report('k-prototypes, adult 48,842 x 14, k = 8: 1 start each', 'kmodes', one, theirs);
  report('the same, 3 starts on 4,096 rows, the best goes on (start_sample)', 'kmodes', sampled, theirs);
  report('the same, best of 20 starts against 1 of the peer', 'kmodes', twenty, theirs);
  await pool.close();
}

try {
  const wanted = process.argv[2];
  if (wanted !== 'kprototypes') await benchKMeans();
  if (wanted !== 'kmeans') await benchKPrototypes();
} finally {
  rmSync(folder, { recursive: true });
}
