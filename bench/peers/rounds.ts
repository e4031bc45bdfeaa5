import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { kernelHash } from '@basketwise/core/parts';

/** Rounds of a comparison; BENCH_ROUNDS overrides. */
export const roundCount = Number(process.env.BENCH_ROUNDS ?? 3);

/** Runs each contestant once per round, in the same order, so that what else happens on the machine meets all alike: seconds by name. */
export async function inRounds<Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<number>>>,
  rounds = roundCount,
  say: (line: string) => void = console.error,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const taken = await contestants[name]();
      seconds[name].push(taken);
      say(`  round ${round + 1}: ${name} ${taken.toPrecision(4)} s`);
    }
  }
  return seconds;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** How many times longer `slow` took than `fast`: of the medians, and the least and most of a round. */
export interface Ratio {
  median: number;
  least: number;
  most: number;
}

export function ratioOf(slow: readonly number[], fast: readonly number[]): Ratio {
  const each = slow.map((seconds, round) => seconds / fast[round]!);
  return { median: median(slow) / median(fast), least: Math.min(...each), most: Math.max(...each) };
}

export function ratioText({ median: middle, least, most }: Ratio): string {
  return `${middle.toPrecision(3)}x (${least.toPrecision(3)} to ${most.toPrecision(3)})`;
}

export const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Prints rows as a table in Markdown; the first row names the columns. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  for (const [i, row] of rows.entries()) {
    console.log(`| ${row.join(' | ')} |`);
    if (i === 0) console.log(`|${row.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|`);
  }
}

/** Writes what a comparison found to build/NAME.json, with the machine, the versions and the hash of the kernels. */
export function saveReport(
  name: string,
  found: Readonly<Record<string, unknown>>,
  versions: Readonly<Record<string, string>> = {},
): void {
  const build = join(import.meta.dirname, '../../build');
  mkdirSync(build, { recursive: true });
  const machine = { processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length, memory: totalmem(), load: loadavg() };
  const all = { node: process.versions.node, v8: process.versions.v8, kernels: kernelHash, ...versions };
  const file = join(build, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, versions: all, ...found }, null, 2)}\n`);
  console.log(
    `\n${machine.processors} x ${machine.processor}, load ${machine.load.map((l) => l.toFixed(1)).join(' ')}, Node ${all.node}, kernels ${kernelHash}`,
  );
  console.log(
    `${Object.entries(versions)
      .map(([what, version]) => `${what} ${version}`)
      .join(', ')}; all of it in build/${name}.json\n`,
  );
}
