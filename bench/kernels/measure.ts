import { appendFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { kernelHash } from '@basketwise/core';
import { inRounds, median } from '../peers/rounds.ts';

/** Customers that the measurements are made with; BENCH_CUSTOMERS overrides. */
export const customers = Number(process.env.BENCH_CUSTOMERS ?? 1_000_000);

/** Most turns of a benchmark; BENCH_TURNS overrides. */
const mostTurns = Number(process.env.BENCH_TURNS ?? 9);

/** One measurement: what is done, and how many units (customers, holdings ...) one run of it handles. */
export interface Measured {
  name: string;
  units: number;
  run: () => Promise<unknown>;
}

/** Prints how many times faster the first of each pair was than the second, both in ns, taken in this run; also to the file BENCH_REPORT, for bench/ci.ts. */
export function reportRatios(pairs: Readonly<Record<string, readonly [fast: number, slow: number]>>): void {
  for (const [name, [fast, slow]] of Object.entries(pairs)) {
    const ratio = slow / fast;
    const file = process.env.BENCH_REPORT;
    if (file) appendFileSync(file, `${JSON.stringify({ name, ratio })}\n`);
    console.log(`  ${name}: ${ratio.toFixed(2)} times`);
  }
}

/** Seconds that a run takes: the ms that it returns, or else those of the clock. */
async function secondsOf(run: Measured['run']): Promise<number> {
  const begin = performance.now();
  const counted = await run();
  return (typeof counted === 'number' ? counted : performance.now() - begin) / 1000;
}

/** Seconds that a turn lasts at least: a short run is repeated and its least time counts, as one collection of garbage would double it. */
const leastTurn = 0.2;

/**
 * Runs all in turns, once around to warm up and then `turns` times, or as often as BENCH_TURNS says: a slow second of the machine, and what a process compiles and collects
 * meanwhile, fall on all alike.
 * @returns the medians of the turns in ns per unit, in the same order
 */
export async function mediansOf(measured: readonly Measured[], turns = 5): Promise<number[]> {
  const repeats: number[] = [];
  for (const { run } of measured) repeats.push(Math.max(1, Math.ceil(leastTurn / (await secondsOf(run)))));
  const contestants = Object.fromEntries(
    measured.map(({ run }, i) => [
      i,
      async () => {
        let least = Infinity;
        for (let repeat = 0; repeat < repeats[i]!; repeat++) least = Math.min(least, await secondsOf(run));
        return least;
      },
    ]),
  );
  const seconds = await inRounds<string>(contestants, Math.min(turns, mostTurns), () => {});
  return measured.map(({ units }, i) => (median(seconds[i]!) * 1e9) / units);
}

/** The machine and the kernels, in a line. */
const measuredOn = `${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, kernels ${kernelHash}`;

/** The same, printed. */
export async function measure(title: string, unit: string, measured: readonly Measured[], turns = 5): Promise<number[]> {
  const medians = await mediansOf(measured, turns);
  console.log(`\n${title} (${measuredOn})`);
  for (const [i, { name, units }] of measured.entries()) {
    const ns = medians[i]!.toFixed(1).padStart(9);
    console.log(`  ${name.padEnd(44)} ${ns} ns/${unit} ${((medians[i]! * units) / 1e6).toFixed(1).padStart(10)} ms`);
  }
  return medians;
}
