// `npm run bench:ci`: the kernels' benchmarks on a small bank, compared by ratios taken in the same run with the floors in floors.json;
// absolute times are only recorded, in build/bench.json. Exit 1 where a ratio fell below its floor.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelHash } from '@basketwise/core/parts';
import floors from './floors.json' with { type: 'json' };
import { median } from './peers/rounds.ts';
import { openBank } from './scale/bank-folder.ts';
import { runNight } from './scale/night-cost.ts';

type Line = { name: string; ratio: number } | { name: string; unit: string; units: number; nanoseconds: number };

const root = join(import.meta.dirname, '..');
const lines = join(root, 'build/bench.lines');

/** Runs the benchmarks of kernels; what they measured, line by line. */
function runKernels(): Line[] {
  mkdirSync(join(root, 'build'), { recursive: true });
  rmSync(lines, { force: true });
  // Ratios are at least a quarter above their floors: three turns tell.
  const env = { BENCH_CUSTOMERS: '200000', BENCH_TURNS: '3', ...process.env, BENCH_REPORT: lines };
  const names = ['als', 'baskets', 'csr', 'kmeans', 'topn', 'next-purchase', 'choices', 'scoring'];
  const { status } = spawnSync(process.execPath, [join(root, 'bench/run.mjs'), ...names], { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 70);
  if (!existsSync(lines)) throw new Error('the benchmarks reported nothing');
  const found = readFileSync(lines, 'utf8').trim().split('\n');
  rmSync(lines);
  return found.map((line): Line => JSON.parse(line));
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
  const tellCpu = 'data:text/javascript,process.on("exit",()=>process.stderr.write(JSON.stringify(process.cpuUsage())))';
  const runs = Array.from({ length: 5 }, () => {
    const begin = performance.now();
    const { status } = spawnSync(process.execPath, [program, '--help'], { stdio: 'ignore' });
    const milliseconds = performance.now() - begin;
    const { stderr } = spawnSync(process.execPath, ['--import', tellCpu, program, '--help'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`basketwise --help ended with ${status}`);
    const { user, system } = JSON.parse(stderr);
    return { milliseconds, cpuMilliseconds: (user + system) / 1000 };
  });
  return {
    milliseconds: median(runs.map((run) => run.milliseconds)),
    cpuMilliseconds: median(runs.map((run) => run.cpuMilliseconds)),
  };
}

/** Prints each ratio beside its floor; false where one fell below, is missing or has no floor. */
function compare(ratios: ReadonlyMap<string, number>): boolean {
  const limits = new Map(Object.entries(floors));
  console.log('\n| ratio | measured | floor | |\n|---|---:|---:|---|');
  const names = new Set([...limits.keys(), ...ratios.keys()]);
  const verdicts = [...names].map((name) => {
    const [ratio, floor] = [ratios.get(name), limits.get(name)];
    const holds = ratio !== undefined && floor !== undefined && ratio >= floor;
    console.log(`| ${name} | ${ratio?.toFixed(2) ?? 'missing'} | ${floor ?? 'missing'} | ${holds ? 'ok' : 'FAIL'} |`);
    return holds;
  });
  return verdicts.every(Boolean);
}

const loadBefore = loadavg();
const measured = runKernels();
const help = measureHelp();
const ratios = new Map(measured.flatMap((line) => ('ratio' in line ? [[line.name, line.ratio] as const] : [])));
ratios.set('a night of 5,000 customers, als against the default', await measureNights());
const holds = compare(ratios);
console.log(
  `\nbasketwise --help: ${help.milliseconds.toFixed(0)} ms, ${help.cpuMilliseconds.toFixed(0)} of processors (recorded; 150 is the aim on an idle machine)`,
);
const machine = { processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length, loadBefore, loadAfter: loadavg() };
const versions = { node: process.versions.node, v8: process.versions.v8, kernels: kernelHash };
writeFileSync(join(root, 'build/bench.json'), `${JSON.stringify({ machine, versions, help, holds, measured }, null, 2)}\n`);
if (!holds) process.exitCode = 1;
