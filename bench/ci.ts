// `npm run bench:ci`: the kernels' benchmarks on a small bank, compared by ratios taken in the same run with the floors in floors.json.
// Exit 1 where a ratio fell below its floor.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import floors from './floors.json' with { type: 'json' };
import { median } from './peers/rounds.ts';
import { record } from './records/record.ts';
import { fixed } from './records/table-text.ts';
import { openBank } from './scale/bank-folder.ts';
import { runNight } from './scale/night-cost.ts';

const root = join(import.meta.dirname, '..');
const lines = join(root, 'build/bench.lines');

/** Ratios that the benchmarks of kernels measure, by name. */
function runKernels(): Map<string, number> {
  mkdirSync(join(root, 'build'), { recursive: true });
  rmSync(lines, { force: true });
  // Ratios are at least a fifth above their floors: three turns suffice.
  const env = { BENCH_CUSTOMERS: '200000', BENCH_TURNS: '3', ...process.env, BENCH_REPORT: lines };
  const names = ['als', 'baskets', 'csr', 'kmeans', 'topn', 'next-purchase', 'choices', 'scoring'];
  const { status } = spawnSync(process.execPath, [join(root, 'bench/run.mjs'), 'bench', ...names], { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 70);
  if (!existsSync(lines)) throw new Error('the benchmarks reported nothing');
  const found = readFileSync(lines, 'utf8').trim().split('\n');
  rmSync(lines);
  return new Map(
    found.map((line) => JSON.parse(line) as { name: string; ratio: number }).map(({ name, ratio }) => [name, ratio]),
  );
}

/** Processor time of a small bank's whole night with `als` over that with the default model. */
async function measureNights(): Promise<number> {
  const bank = await openBank({ customers: 5000, products: 430 });
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-nights-'));
  try {
    const als = await runNight('als', bank.folder, folder);
    const automatic = await runNight('automatic', bank.folder, folder);
    return als.processor / automatic.processor;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    bank.remove();
  }
}

/** Time of `basketwise --help`, by the clock and of processors (its own, of all threads), each the median of five. */
function measureHelp(): { milliseconds: number; cpuMilliseconds: number } {
  const program = join(root, 'packages/cli/bin/basketwise.js');
  const reportCpu = 'data:text/javascript,process.on("exit",()=>process.stderr.write(JSON.stringify(process.cpuUsage())))';
  const runs = Array.from({ length: 5 }, () => {
    const begin = performance.now();
    const { status } = spawnSync(process.execPath, [program, '--help'], { stdio: 'ignore' });
    const milliseconds = performance.now() - begin;
    const { stderr } = spawnSync(process.execPath, ['--import', reportCpu, program, '--help'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`basketwise --help ended with ${status}`);
    const { user, system } = JSON.parse(stderr);
    return { milliseconds, cpuMilliseconds: (user + system) / 1000 };
  });
  return {
    milliseconds: median(runs.map((run) => run.milliseconds)),
    cpuMilliseconds: median(runs.map((run) => run.cpuMilliseconds)),
  };
}

const ratios = runKernels();
const help = measureHelp();
ratios.set('a night of 5,000 customers, als against the default', await measureNights());
const limits = new Map<string, number>(Object.entries(floors));
const names = [...new Set([...limits.keys(), ...ratios.keys()])];
const below = names.filter((name) => !((ratios.get(name) ?? 0) >= (limits.get(name) ?? Infinity)));
record({
  title: 'Ratios of one run, watched in CI',
  about:
    'Kernels against simple TypeScript references on generated banks of 430 products, 4 recency bands, f = 64. The references are not tuned: the ratios detect regressions. ' +
    'Two workers are measured in stages of 10 to 200 ms: their floors only detect a halted worker pool.',
  tables: [
    {
      columns: ['ratio', 'measured', 'floor'],
      rows: names.map((name) => [name, fixed(ratios.get(name) ?? 0, 2), limits.get(name) ?? 'missing']),
    },
  ],
  checks: [
    {
      text: `each ratio is at least its floor in \`bench/floors.json\`${below.map((name) => `; not ${name}`).join('')}`,
      holds: below.length === 0,
    },
  ],
  notes: [
    `\`basketwise --help\` takes ${help.milliseconds.toFixed(0)} ms, ${help.cpuMilliseconds.toFixed(0)} of processors (the aim is 150 on an idle machine).`,
  ],
});
