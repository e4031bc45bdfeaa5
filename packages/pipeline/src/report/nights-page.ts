import { join } from 'node:path';
import { writeWhole } from '@basketwise/data/base';
import { type Cell, html, pagePolicy, pageStyle, percentCell, table } from '@basketwise/page';
import { type RunValue, runChart } from '@basketwise/page/charts';
import { verdictsText } from '@basketwise/recommend';
import { coverageOf, customersOfRun, type ListedRun, listRuns, nightsOf } from './run-history.ts';

/** Writes `index.html` of an output folder: an overview of its runs. @throws AppError cannot-write */
export async function writeNightsPage(output: string): Promise<void> {
  // The unfinished file has a fixed name. If a process is killed, the next process overwrites its unfinished file.
  await writeWhole(join(output, 'index.html'), nightsPage(await listRuns(output)), 'unfinished');
}

/** Page of the runs of an output folder: self-contained, without scripts or requests. All figures are publishable. */
export function nightsPage(runs: readonly ListedRun[]): string {
  const nights = nightsOf(runs);
  const values = (value: (run: ListedRun) => number | null): RunValue[] =>
    nights.map((run) => ({ date: run.referenceDate, value: value(run) }));
  const gains = ({ campaigns }: ListedRun) => {
    const known = campaigns.flatMap(({ verdict }) => (verdict ? [verdict.gap.mean] : []));
    return known.length === 0 ? null : known.reduce((sum, gain) => sum + gain, 0) / known.length;
  };
  const charts = [
    runChart(
      'Lists',
      values((run) => customersOfRun(run, 'served')),
    ),
    runChart(
      'Coverage, % of products',
      values((run) => hundredfold(coverageOf(run))),
    ),
    runChart('Quality: NDCG@5 above best sellers', values(gains)),
    runChart(
      'Warnings',
      values((run) => run.warnings),
    ),
    runChart(
      'Drift: largest stability index',
      values((run) => run.drift),
    ),
    runChart(
      'Time, s',
      values((run) => run.seconds),
    ),
  ];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>Runs</title><style>${pageStyle}
.small{display:flex;flex-wrap:wrap;gap:0 1rem}.small figure{width:19rem}</style></head>
<body><main><h1>Runs</h1><p class="note">${lastNightText(nights)} Numbers of customers are rounded down to tens.</p>
<div class="small">${charts}</div>
${runTable(runs)}
</main></body></html>
`.text;
}

const hundredfold = (share: number | null) => (share === null ? null : share * 100);

function lastNightText(nights: readonly ListedRun[]): string {
  const run = nights.at(-1);
  return run ? `The last run, ${run.referenceDate}. ${verdictsText(run.campaigns)}` : 'No run has succeeded yet.';
}

function runTable(runs: readonly ListedRun[]) {
  const rows = [...runs].reverse().map((run): Cell[] => {
    const coverage = coverageOf(run);
    const name = run.warnings === null ? run.run : html`<a href="runs/${run.run}/report.html">${run.run}</a>`;
    return [
      ...[
        run.isLatest ? html`<b>${name}</b>, latest` : name,
        run.endedAt?.slice(0, 16).replace('T', ' ') ?? null,
        run.isAside ? 'aside' : run.status,
      ],
      ...[customersOfRun(run, 'served'), percentCell(coverage), run.warnings, run.seconds],
    ];
  });
  return html`<h2>Runs</h2>${table('Newest first', ['run', 'ended (UTC)', 'status', 'lists', 'coverage', 'warnings', 'seconds'], rows)}`;
}
