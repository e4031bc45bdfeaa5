// `npm run bench:peers -- tuning`: `basketwise tune` against the same trials with implicit, some of them, drawn by a seed. BENCH_CUSTOMERS=20000;
// BENCH_TRIALS=9 of a campaign; BENCH_GRID=small: fewer values; BENCH_FACTORS=16,64: other numbers of factors.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, rowWeights, unpackEntry } from '@basketwise/core/parts';
import { type TuningReport, tuningSets } from '@basketwise/insight';
import { loadConfig } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { pythonPeer } from './peer.ts';

const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');
const threads = 2;
const customers = Number(process.env.BENCH_CUSTOMERS ?? 20_000);
const isSmall = process.env.BENCH_GRID === 'small';
const grid = {
  factors: process.env.BENCH_FACTORS?.split(',').map(Number) ?? (isSmall ? [64] : [16, 64, 200]),
  regularization: [1, 10, 40, 100],
  alpha: [10, 20, 40],
  iterations: isSmall ? [5, 15] : [5, 10, 15],
};
const trialsOfPeer = Number(process.env.BENCH_TRIALS ?? 9);
/** The constant of the sample's config, and its bands: the peer gets them as values of its matrix. */
const constant = 1;

interface Trial {
  factors: number;
  regularization: number;
  alpha: number;
  iterations: number;
}

/** Runs `basketwise tune` in the folder. */
function ours(folder: string): { seconds: number; report: TuningReport } {
  const begin = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [program, 'tune', '--json'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seconds = (performance.now() - begin) / 1000;
  if (status !== 0) throw new Error(`basketwise tune ended with ${status}`);
  return { seconds, report: JSON.parse(stdout) as TuningReport };
}

/** Writes each campaign's matrix (training customers, then customers who are only tested) and tests as JSON for the peer. */
async function writeSides(folder: string): Promise<string[]> {
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const names: string[] = [];
  await tuningSets(settings, async (campaign, side) => {
    const { data, cases } = side;
    const { table, range } = data.holdings;
    const weight = rowWeights(data.holdings);
    const bandValue = [...data.bandWeights, constant];
    const line = (packed: number) => {
      const { column, band } = unpackEntry(packed);
      return [column, bandValue[band]!];
    };
    const rows: { entries: number[][]; customers: number }[] = [];
    const start = table.memory.u32(table.start, table.rows + 1);
    const entry = table.memory.u32(table.entry, table.entries);
    for (let row = range.from; row < range.to; row++) {
      const entries = Array.from(entry.subarray(start[row]!, start[row + 1]!), line);
      rows.push({ entries, customers: weight[row - range.from]! });
    }
    const tests = cases.cases.map(({ basket, targets }) => ({
      entries: basket.map(({ column, band }) => [column, bandValue[band]!]),
      targets,
    }));
    const allowed = [...cases.allowed.keys()].filter((column) => cases.allowed[column] === 1);
    const about = { columns: table.columns.length, rows, tests, allowed };
    writeFileSync(join(folder, `${campaign}.json`), JSON.stringify(about));
    names.push(campaign);
  });
  return names;
}

/** Some of the trials, drawn by a seed. */
function drawn(trials: readonly Trial[]): Trial[] {
  const random = createRandom(7);
  const order = trials.map((trial) => ({ trial, key: random.next() })).sort((a, b) => a.key - b.key);
  return order.slice(0, trialsOfPeer).map(({ trial }) => trial);
}

const folder = mkdtempSync(join(tmpdir(), 'basketwise-tuning-'));
const peer = pythonPeer('tuning.py');
try {
  await generateBank({ customers, seed: 0, folder: join(folder, 'data') });
  const values = Object.entries(grid).map(([name, list]) => `${name}: [${list.join(', ')}]`);
  const config = sampleConfig({ model: 'als' }).replace(
    /^tune:.*$/m,
    `tune: { search: grid, parameters: { ${values.join(', ')} }, metric: ndcg@5 }`,
  );
  writeFileSync(join(folder, 'basketwise.yaml'), config.replace(/^workers:.*$/m, `workers: ${threads}`));
  mkdirSync(join(folder, 'out'), { recursive: true });
  const { seconds, report } = ours(folder);
  const names = await writeSides(folder);
  const rows: (string | number)[][] = [];
  let theirs = 0;
  let total = 0;
  for (const name of names) {
    const { trials, tested } = report.campaigns.find(({ campaign }) => campaign === name)!;
    if (trials.length === 0) continue;
    const some = drawn(trials.map(({ parameters }) => parameters as unknown as Trial));
    const found = await peer.ask<{ seconds: number[]; ndcg: number[] }>({
      file: join(folder, `${name}.json`),
      trials: some,
      threads,
    });
    const mean = found.seconds.reduce((sum, s) => sum + s, 0) / some.length;
    theirs += mean * trials.length;
    total += trials.length;
    const gaps = some.map(
      (parameters, i) => found.ndcg[i]! - trials.find((trial) => (trial.parameters as unknown) === parameters)!.score,
    );
    const gap = gaps.reduce((sum, value) => sum + value, 0) / gaps.length;
    rows.push([name, tested ?? 'few', some.length, Number(mean.toPrecision(3)), fixed(gap, 4)]);
  }
  record({
    title: 'Tuning',
    about:
      '`basketwise tune` on the sample bank, six campaigns, a grid of ALS, against the same trials with implicit: ours is the whole command, implicit gets the matrices and the test ' +
      'customers outside the clock. It does some trials of each campaign; its time for all is extrapolated. Trials that differ by `iterations` alone are one fit here. The difference is ' +
      "implicit's NDCG@5 minus ours.",
    tables: [
      {
        caption: `${grouped(customers)} customers, ${total} trials with ${grid.factors.join(', ')} factors`,
        columns: ['what', 's', 'trials a minute', 'times ours'],
        rows: Object.entries({
          'basketwise tune': seconds,
          [`implicit, extrapolated from ${trialsOfPeer} a campaign`]: theirs,
        }).map(([name, taken]) => [name, fixed(taken, 1), Math.round((60 * total) / taken), fixed(taken / seconds, 1)]),
      },
      { columns: ['campaign', 'test customers', 'trials of implicit', 's a trial', 'difference of NDCG@5'], rows },
    ],
    peers: { implicit: '0.7.3' },
  });
} finally {
  peer.close();
  rmSync(folder, { recursive: true });
}
