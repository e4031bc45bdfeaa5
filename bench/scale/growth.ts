import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { kernelHash } from '@basketwise/core/parts';
import type { ScaleResult } from './bank-run.ts';
import { growthChart } from './growth-chart.ts';

/** The quantity that grows from run to run. */
export type Growing = 'customers' | 'products';

/** x of seconds ~ size^x between two runs: 1 is linear. */
function exponent(by: Growing, from: ScaleResult, to: ScaleResult, value: (of: ScaleResult) => number): number {
  return Math.log(value(to) / value(from)) / Math.log(to[by] / from[by]);
}

const secondsOf =
  (wanted: (stage: string) => boolean) =>
  ({ stages }: ScaleResult): number =>
    stages.filter(({ name }) => wanted(name)).reduce((sum, { seconds }) => sum + seconds, 0);

const basketsOf = ({ campaigns }: ScaleResult) => campaigns.reduce((sum, campaign) => sum + campaign.baskets, 0);

/** Prints one table over all runs, smallest first: seconds per stage and the growth exponent from each size to the next. */
export function printGrowth(results: readonly ScaleResult[], by: Growing): void {
  const row = (name: string, cells: readonly string[]) => console.log(`| ${[name, ...cells].join(' | ')} |`);
  const later = results.slice(1);
  const growth = (value: (of: ScaleResult) => number) => later.map((to, i) => exponent(by, results[i]!, to, value).toFixed(2));
  const blank = later.map(() => '');
  console.log('');
  row('', [...results.map((result) => `${result[by]} ${by}`), ...later.map(() => 'exponent')]);
  row(
    '---',
    [...results, ...later].map(() => '---:'),
  );
  for (const { name } of results[0]?.stages ?? []) {
    const seconds = secondsOf((stage) => stage === name);
    row(`${name}, s`, [...results.map((result) => seconds(result).toFixed(2)), ...growth(seconds)]);
  }
  row('whole run, s', [...results.map(({ seconds }) => seconds.toFixed(1)), ...growth(({ seconds }) => seconds)]);
  row('distinct baskets of all campaigns', [...results.map((result) => String(basketsOf(result))), ...growth(basketsOf)]);
  row('peak memory, MiB', [...results.map(({ peakBytes }) => (peakBytes / 2 ** 20).toFixed(0)), ...blank]);
  row('load before', [...results.map(({ load }) => load.toFixed(1)), ...blank]);
}

/** Prints the growth and writes it to build/NAME.json, and its chart (all campaigns' training and scoring as one line) to build/NAME.svg. */
export function reportGrowth(name: string, results: readonly ScaleResult[], by: Growing): void {
  printGrowth(results, by);
  const build = join(import.meta.dirname, '../../build');
  mkdirSync(build, { recursive: true });
  const machine = { processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length };
  const versions = { node: process.versions.node, kernels: kernelHash };
  writeFileSync(join(build, `${name}.json`), `${JSON.stringify({ machine, versions, results }, null, 2)}\n`);
  const stages = [...new Set(results.flatMap((result) => result.stages.map((stage) => stage.name)))];
  const single = stages.filter((stage) => !stage.startsWith('train-'));
  const lines = [
    { name: 'whole run', value: ({ seconds }: ScaleResult) => seconds },
    { name: 'train and score', value: secondsOf((stage) => stage.startsWith('train-')) },
    ...single.map((stage) => ({ name: stage, value: secondsOf((other) => other === stage) })),
  ];
  const chart = growthChart({
    x: by,
    y: 'seconds',
    lines: lines.map((line) => ({
      name: line.name,
      points: results.map((result) => ({ x: result[by], y: line.value(result) })),
    })),
  });
  writeFileSync(join(build, `${name}.svg`), chart);
}
