import { join } from 'node:path';
import {
  listOf,
  nullable,
  numberShape,
  objectOf,
  oneOf,
  percent,
  readShaped,
  textShape,
  type ValueOf,
} from '@basketwise/data/base';
import { textTable } from '@basketwise/page';
import { runFolders } from '../run/attempts.ts';
import { type ReleaseState, readJournal, releaseStates } from '../run/journal.ts';
import { latestRun, publishedNights, readRunManifest } from '../run/published-runs.ts';

const historyShape = objectOf({
  status: textShape,
  startedAt: textShape,
  endedAt: nullable(textShape),
  exitCode: nullable(numberShape),
  stages: listOf(objectOf({ status: textShape, seconds: numberShape })),
});

const countShape = nullable(numberShape);
const verdictShape = objectOf({
  ...{ verdict: oneOf('better', 'level', 'worse', 'unknown'), ndcg: numberShape },
  gap: objectOf({ mean: numberShape }),
});
const listedReport = objectOf({
  warnings: listOf(textShape),
  campaigns: listOf(
    objectOf({
      ...{ campaign: textShape, targets: countShape, served: countShape, recommendable: numberShape, appearing: numberShape },
      verdict: nullable(verdictShape),
    }),
  ),
  drift: listOf(objectOf({ name: textShape, psi: numberShape })),
});

/** Entry in the list of runs: how the run ended, and its results in publishable figures. */
export interface ListedRun {
  run: string;
  referenceDate: string;
  /** Whether `latest` points at the run. */
  isLatest: boolean;
  /** Whether the run is the published run of its reference date. */
  isNight: boolean;
  /** Whether the run has only some campaigns (`--select`). */
  isAside: boolean;
  succeeded: boolean;
  /** Release state in the journal. Null if the run is not released by keys. */
  release: ReleaseState | null;
  status: string;
  exitCode: number | null;
  startedAt: string | null;
  endedAt: string | null;
  /** Total duration of the stages in seconds, each at its last execution. */
  seconds: number;
  /** Number of warnings. Null if the run has no report. */
  warnings: number | null;
  /** Largest population stability index of a segment or cluster scheme against the previous run. Null without one. */
  drift: number | null;
  campaigns: ValueOf<typeof listedReport>['campaigns'];
}

/** All runs of an output folder, by the time of their end. The latest comes last. */
export async function listRuns(output: string): Promise<ListedRun[]> {
  const latest = await latestRun(output);
  const nights = new Set((await publishedNights(output)).map(({ run }) => run));
  const states = releaseStates(await readJournal(output));
  const listed = (run: string) => listRun(output, run, latest, nights, states.get(run) ?? null);
  const runs = await Promise.all((await runFolders(output)).map(listed));
  const order = ({ endedAt, startedAt }: ListedRun) => endedAt ?? startedAt ?? '';
  return runs.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

async function listRun(
  output: string,
  run: string,
  latest: string | undefined,
  nights: ReadonlySet<string>,
  release: ReleaseState | null,
): Promise<ListedRun> {
  const folder = join(output, 'runs', run);
  const [ended, reported] = [
    await readShaped(join(folder, 'run.json'), historyShape),
    await readShaped(join(folder, 'report.json'), listedReport),
  ];
  const manifest = await readRunManifest(output, run);
  const succeeded = manifest !== undefined;
  const drift = reported?.drift.map(({ psi }) => psi) ?? [];
  return {
    ...{ run, referenceDate: run.slice(0, 10), isLatest: run === latest },
    ...{ isNight: succeeded && nights.has(run), isAside: manifest?.aside === true, succeeded },
    release: succeeded ? release : null,
    ...{ status: ended?.status ?? 'unknown', exitCode: ended?.exitCode ?? null },
    ...{ startedAt: ended?.startedAt ?? null, endedAt: ended?.endedAt ?? null },
    seconds: ended?.stages.reduce((sum, { seconds }) => sum + seconds, 0) ?? 0,
    warnings: succeeded && reported ? reported.warnings.length : null,
    drift: drift.length === 0 ? null : Math.max(...drift),
    campaigns: succeeded ? (reported?.campaigns ?? []) : [],
  };
}

/** Published run of each reference date, sorted by date. */
export function nightsOf(runs: readonly ListedRun[]): ListedRun[] {
  return runs.filter(({ isNight }) => isNight).sort((a, b) => (a.referenceDate < b.referenceDate ? -1 : 1));
}

/** Number of customers, summed over the campaigns of a run. Null without campaigns, or if the number of a campaign is too small to publish. */
export function customersOfRun(run: ListedRun, of: 'served' | 'targets'): number | null {
  return run.campaigns.length === 0
    ? null
    : run.campaigns.reduce<number | null>((sum, one) => (sum === null || one[of] === null ? null : sum + one[of]), 0);
}

/** Share of the recommendable products that are in at least one list, over all campaigns. Null without recommendable products. */
export function coverageOf({ campaigns }: ListedRun): number | null {
  const all = campaigns.reduce((sum, { recommendable }) => sum + recommendable, 0);
  return all === 0 ? null : campaigns.reduce((sum, { appearing }) => sum + appearing, 0) / all;
}

/** Table of an output folder's runs for the terminal, 80 columns wide. */
export function listedRunsText(runs: readonly ListedRun[], output: string): string {
  if (runs.length === 0) return `no run yet in ${output}\n`;
  const head = ['  run', 'ended (UTC)', 'status', 's', 'lists', 'coverage', 'warn'];
  const rows = runs.map((run) => {
    const [lists, coverage] = [customersOfRun(run, 'served'), coverageOf(run)];
    const mark = run.isLatest ? '* ' : run.isNight ? '+ ' : '  ';
    return [
      ...[
        `${mark}${run.run}`,
        run.endedAt?.slice(0, 16).replace('T', ' ') ?? '-',
        run.isAside ? 'aside' : (run.release ?? run.status),
      ],
      ...[run.seconds.toFixed(0), lists === null ? '-' : String(lists)],
      ...[coverage === null ? '-' : percent(coverage, 0), run.warnings === null ? '-' : String(run.warnings)],
    ];
  });
  return `${textTable([head, ...rows])}\n* latest, + the published run of its date, aside: of some campaigns alone\n`;
}
