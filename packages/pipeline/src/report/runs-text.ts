import { percent } from '@basketwise/data/published';
import { textTable } from '../page/text-table.ts';
import { coverageOf, customersOfRun, type ListedRun } from './run-history.ts';

/** Runs of an output folder for the terminal, in 80 columns. */
export function runsText(runs: readonly ListedRun[], output: string): string {
  if (runs.length === 0) return `no run yet in ${output}\n`;
  const head = ['  run', 'ended (UTC)', 'status', 's', 'lists', 'coverage', 'warn'];
  const rows = runs.map((run) => {
    const [lists, coverage] = [customersOfRun(run, 'served'), coverageOf(run)];
    const mark = run.isLatest ? '* ' : run.isNight ? '+ ' : '  ';
    return [
      ...[`${mark}${run.run}`, run.endedAt?.slice(0, 16).replace('T', ' ') ?? '-', run.isAside ? 'aside' : run.status],
      ...[run.seconds.toFixed(0), lists === null ? '-' : String(lists)],
      ...[coverage === null ? '-' : percent(coverage, 0), run.warnings === null ? '-' : String(run.warnings)],
    ];
  });
  return `${textTable([head, ...rows])}\n* latest, + the published run of its date, aside: of some campaigns alone\n`;
}
