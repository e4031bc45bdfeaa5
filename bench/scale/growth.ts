import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import type { ScaleResult } from './bank-run.ts';

/** Names of the stages, those that train campaigns as one. */
const stageOf = (name: string) => (name.startsWith('train-') ? 'train' : name);

/** Records the seconds of runs by stage, smallest run first, and the exponent x of seconds ~ size^x from each to the next: 1 is linear. */
export function reportGrowth(title: string, results: readonly ScaleResult[], by: 'customers' | 'products'): void {
  const names = [...new Set(results.flatMap(({ stages }) => stages.map(({ name }) => stageOf(name))))];
  const secondsOf = ({ stages }: ScaleResult, name: string) =>
    stages.filter((stage) => stageOf(stage.name) === name).reduce((sum, { seconds }) => sum + seconds, 0);
  const basketsOf = ({ campaigns }: ScaleResult) => campaigns.reduce((sum, { baskets }) => sum + baskets, 0);
  const timesOf = (result: ScaleResult) => [result.seconds, ...names.map((name) => secondsOf(result, name))];
  const exponents = results.slice(1).map((to, i) => {
    const from = results[i]!;
    const exponent = (less: number, more: number) => fixed(Math.log(more / less) / Math.log(to[by] / from[by]), 2);
    const before = timesOf(from);
    return [
      ...[`${grouped(from[by])} to ${grouped(to[by])}`, ...timesOf(to).map((seconds, k) => exponent(before[k]!, seconds))],
      exponent(basketsOf(from), basketsOf(to)),
    ];
  });
  record({
    title,
    about:
      "The sample's six campaigns with clusters and `als` on generated banks, Parquet only: seconds by the clock. An exponent of 1 is linear growth.",
    tables: [
      {
        caption: by === 'products' ? `${grouped(results[0]!.customers)} customers` : `${results[0]!.products} products`,
        columns: [by, 'whole run', ...names, 'distinct baskets', 'peak memory, MiB', 'load before'],
        rows: results.map((result) => [
          ...[result[by], ...timesOf(result).map((seconds) => fixed(seconds, 2)), basketsOf(result)],
          ...[Math.round(result.peakBytes / 2 ** 20), fixed(result.load, 1)],
        ]),
        chart: { kind: 'lines', columns: ['whole run', ...names] },
      },
      { caption: 'Exponents', columns: [by, 'whole run', ...names, 'distinct baskets'], rows: exponents },
    ],
  });
}
