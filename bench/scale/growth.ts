import type { ScaleResult } from './bank-run.ts';

/** x of seconds ~ customers^x between two runs: 1 is linear. */
function exponent(from: ScaleResult, to: ScaleResult, seconds: (of: ScaleResult) => number): number {
  return Math.log(seconds(to) / seconds(from)) / Math.log(to.customers / from.customers);
}

/** Prints one table over all runs, smallest first: seconds per stage and the growth exponent from each size to the next. */
export function printGrowth(results: readonly ScaleResult[]): void {
  const row = (name: string, cells: readonly string[]) => console.log(`| ${[name, ...cells].join(' | ')} |`);
  const growth = (seconds: (of: ScaleResult) => number) =>
    results.slice(1).map((to, i) => exponent(results[i]!, to, seconds).toFixed(2));
  console.log('');
  row('', [...results.map(({ customers }) => `${customers} customers`), ...results.slice(1).map(() => 'exponent')]);
  row(
    '---',
    [...results, ...results.slice(1)].map(() => '---:'),
  );
  for (const { name } of results[0]?.stages ?? []) {
    const seconds = ({ stages }: ScaleResult) => stages.find((stage) => stage.name === name)?.seconds ?? Number.NaN;
    row(`${name}, s`, [...results.map((result) => seconds(result).toFixed(2)), ...growth(seconds)]);
  }
  const blank = results.slice(1).map(() => '');
  row('whole run, s', [...results.map(({ seconds }) => seconds.toFixed(1)), ...growth(({ seconds }) => seconds)]);
  const baskets = ({ campaigns }: ScaleResult) => campaigns.reduce((sum, campaign) => sum + campaign.baskets, 0);
  row('distinct baskets of all campaigns', [...results.map((result) => String(baskets(result))), ...growth(baskets)]);
  row('peak memory, MiB', [...results.map(({ peakBytes }) => (peakBytes / 2 ** 20).toFixed(0)), ...blank]);
  row('load before', [...results.map(({ load }) => load.toFixed(1)), ...blank]);
}
