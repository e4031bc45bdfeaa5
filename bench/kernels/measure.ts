import { appendFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { kernelHash } from '@basketwise/core/parts';
import { Bench } from 'tinybench';

/** Customers that the measurements are made with; BENCH_CUSTOMERS overrides. */
export const customers = Number(process.env.BENCH_CUSTOMERS ?? 1_000_000);

/** One measurement: what is done, and how many units (customers, holdings ...) one run of it handles. */
export interface Measured {
  name: string;
  units: number;
  run: () => Promise<unknown>;
}

/** One line of the report that BENCH_REPORT names, if it names one: what `npm run bench:ci` reads. */
function record(line: Record<string, unknown>): void {
  const file = process.env.BENCH_REPORT;
  if (file) appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** Prints (and reports) how many times faster the first of each pair was than the second, both in ns, taken in this run. */
export function reportRatios(pairs: Readonly<Record<string, readonly [fast: number, slow: number]>>): void {
  for (const [name, [fast, slow]] of Object.entries(pairs)) {
    const ratio = slow / fast;
    record({ name, ratio });
    console.log(`  ${name}: ${ratio.toFixed(2)} times`);
  }
}

/** Runs each several times; the medians in ns per unit, in the same order. A run that returns a number took that many ms, whatever the clock says. */
export async function mediansOf(title: string, measured: readonly Measured[]): Promise<number[]> {
  const bench = new Bench({
    name: title,
    time: 0,
    iterations: 5,
    warmup: true,
    warmupTime: 0,
    warmupIterations: 1,
    throws: true,
  });
  for (const { name, run } of measured) {
    bench.add(name, async () => {
      const counted = await run();
      return typeof counted === 'number' ? { overriddenDuration: counted } : undefined;
    });
  }
  await bench.run();
  return bench.tasks.map((task, i) => {
    if (task.result.state !== 'completed') throw new Error(`${task.name} did not complete`);
    return (task.result.latency.p50 * 1e6) / measured[i]!.units;
  });
}

/** The machine and the kernels, in a line. */
export const measuredOn = `${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, kernels ${kernelHash}`;

/** Runs each several times and prints the median per unit; returns the medians in ns per unit, in the same order. */
export async function measure(title: string, unit: string, measured: readonly Measured[]): Promise<number[]> {
  return printMedians(title, unit, measured, await mediansOf(title, measured));
}

/** A measurement whose run tells how many ms it took. */
interface Timed extends Measured {
  run: () => Promise<number>;
}

/**
 * The same in turns, once around all to warm up and then `turns` times, for what is compared with one another: that a process compiles and collects meanwhile
 * falls on all alike.
 */
export async function measureInTurns(title: string, unit: string, timed: readonly Timed[], turns: number): Promise<number[]> {
  const taken = timed.map((): number[] => []);
  for (let turn = 0; turn <= turns; turn++) for (const [i, { run }] of timed.entries()) taken[i]![turn] = await run();
  const medians = timed.map(({ units }, i) => {
    const sorted = taken[i]!.slice(1).sort((a, b) => a - b);
    return (sorted[turns >> 1]! * 1e6) / units;
  });
  return printMedians(title, unit, timed, medians);
}

function printMedians(title: string, unit: string, measured: readonly Measured[], medians: number[]): number[] {
  console.log(`\n${title} (${measuredOn})`);
  for (const [i, { name, units }] of measured.entries()) {
    const ns = medians[i]!.toFixed(1).padStart(9);
    record({ name: `${title}: ${name}`, unit, units, nanoseconds: medians[i] });
    console.log(`  ${name.padEnd(44)} ${ns} ns/${unit} ${((medians[i]! * units) / 1e6).toFixed(1).padStart(10)} ms`);
  }
  return medians;
}
