// `npm run claim -- faults [points] [states] [seed]`: the sweep of test/faults as a whole, or as many points of it and as many states that power
// cuts leave. It takes long: what went well already, with this very program, stands in build/faults.jsonl, and a sweep that was stopped goes on
// after it.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cage, type Fault, whyNoCage } from '../../test/faults/cage.ts';
import { pointsOfAll, sample } from '../../test/faults/points.ts';
import { type CutState, PowerCuts } from '../../test/faults/power-cut.ts';
import { openScenarios } from '../../test/faults/scenarios.ts';
import { type Baseline, baselineOf, erases, Sweep, severalAtATime, type Verdict, whyBroken } from '../../test/faults/sweep.ts';
import { type ResultTable, record } from '../records/record.ts';
import { grouped } from '../records/table-text.ts';

const everything = Number.POSITIVE_INFINITY;
/** States that one thing more or less makes: too many to run on all of them. */
const sampledStates = 600;
const [mostPoints = everything, mostStates = sampledStates, seed = 1] = process.argv.slice(2).map(Number);
const diary = join(import.meta.dirname, '../../build/faults.jsonl');

/** Something to try, and the row of the table it counts in. */
type Trial = { baseline: Baseline; row: string } & ({ fault: Fault } | { cut: CutState });

let tried = 0;
let before = 0;
let violations = 0;
const rows = new Map<string, { count: number; violations: number }>();

function count(row: string, found: number): void {
  const known = rows.get(row) ?? { count: 0, violations: 0 };
  rows.set(row, { count: known.count + 1, violations: known.violations + found });
  violations += found;
}

/** The states of a scenario: all are looked at; the ones that are no matter of a single thing, and some that are, are to be run on. */
function cutsOf(baseline: Baseline): CutState[] {
  const kept: CutState[] = [];
  for (const cut of new PowerCuts(baseline.scenario.from, cage.work).states(baseline.log, baseline.data)) {
    const broken = whyBroken(baseline, cut);
    if (broken !== undefined) console.log(`FAIL ${baseline.scenario.name}: ${cut.what}: ${broken}`);
    count('power cut: `latest` looked at', broken === undefined ? 0 : 1);
    kept.push(cut);
  }
  return kept;
}

const rowOf = ({ kind, reads, op }: Fault) => `${kind} at ${reads ? 'open to read' : op}`;

/** Of so many kills one is put into a program; what the others leave is what was done until then, and rebuilt. */
const realKills = 10;

function killsOf({ baseline, faults }: { baseline: Baseline; faults: readonly Fault[] }): Trial[] {
  const states = new PowerCuts(baseline.scenario.from, cage.work).kills(baseline.log, baseline.data, faults);
  return [...states].map((cut) => ({ baseline, cut, row: 'kill, rebuilt' }));
}

/** Scenarios that went well before. A scenario's run is named by program, config and data. */
const known = new Set(existsSync(diary) ? readFileSync(diary, 'utf8').split('\n') : []);
/** Published run; after an erasure, which is not read as one, all published runs with their seals. */
const runsOf = ({ after }: Baseline) => after.published?.run ?? after.nights.join();
const lineOf = (trial: Trial) =>
  `${runsOf(trial.baseline)} ${trial.baseline.scenario.name} ${JSON.stringify('fault' in trial ? trial.fault : trial.cut.what)}`;

async function tryOne(trial: Trial): Promise<void> {
  if (known.has(lineOf(trial))) {
    before++;
    return count(trial.row, 0);
  }
  const verdict: Verdict =
    'fault' in trial ? await sweep.putFault(trial.baseline, trial.fault) : await sweep.putState(trial.baseline, trial.cut);
  if (verdict.violations.length === 0) appendFileSync(diary, `${lineOf(trial)}\n`);
  for (const violation of verdict.violations) console.log(`FAIL ${verdict.text}: ${violation}`);
  count(trial.row, verdict.violations.length > 0 ? 1 : 0);
  if (++tried % 100 === 0) console.log(`${tried} tried, ${Math.round(performance.now() / 1000)} s`);
}

/** Points of a kind of fault at an operation, with the violations where there are any. */
function cell(op: string, kind: string): string | number {
  const found = rows.get(`${kind} at ${op}`);
  if (!found) return '';
  return found.violations === 0 ? found.count : `${found.count} (${found.violations} wrong)`;
}

/** Tables of points: an operation a row, a kind of fault a column; and points without an operation. */
function tablesOfPoints(): ResultTable[] {
  const at = [...rows.keys()].flatMap((row) => (row.includes(' at ') ? [row.split(' at ') as [string, string]] : []));
  const kinds = [...new Set(at.map(([kind]) => kind))].sort();
  const ops = [...new Set(at.map(([, op]) => op))].sort();
  const others = [...rows].filter(([row]) => !row.includes(' at '));
  return [
    { columns: ['fails once', ...kinds], rows: ops.map((op) => [op, ...kinds.map((kind) => cell(op, kind))]) },
    { columns: ['what', 'points', 'wrong'], rows: others.map(([row, found]) => [row, found.count, found.violations]) },
  ];
}

const why = whyNoCage();
if (why !== undefined) throw new Error(`the sweep ${why}`);
const cage = await Cage.open();
const sweep = new Sweep(cage);
// A cage is a folder in memory: it goes also where the sweep is stopped.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    sweep.close();
    cage.close();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
const baselines: Baseline[] = [];
try {
  for (const scenario of await openScenarios(cage)) baselines.push(await baselineOf(cage, scenario));
  // The longest first: what several of them do alike fails in that.
  baselines.sort((one, other) => other.log.length - one.log.length);
  // an erasure replaces the files of a run: they only have the names of those that stages write
  const [stages, erasures] = [false, true].map((erased) => baselines.filter(({ scenario }) => erases(scenario) === erased));
  const points = [...pointsOfAll(stages!), ...pointsOfAll(erasures!)];
  const kills = points.filter(({ fault }) => fault.kind === 'kill');
  const rebuilt = new Set(kills.filter((_, at) => at % realKills !== 0));
  const faults: Trial[] = [
    ...points
      .filter((point) => !rebuilt.has(point))
      .map(({ program, fault }) => ({ baseline: program, fault, row: rowOf(fault) })),
    ...baselines.flatMap((baseline) =>
      killsOf({ baseline, faults: [...rebuilt].flatMap(({ program, fault }) => (program === baseline ? [fault] : [])) }),
    ),
  ];
  const chosen = sample(faults, ({ baseline, row }) => `${baseline.scenario.name} ${row}`, mostPoints, seed);
  const cuts = baselines.flatMap((baseline) => cutsOf(baseline).map((cut) => ({ baseline, cut, row: 'power cut: run on' })));
  const isSingle = ({ cut }: { cut: CutState }) => cut.what.includes(' thing ');
  const plain = sample(
    cuts.filter((cut) => !isSingle(cut)),
    ({ baseline }) => baseline.scenario.name,
    mostStates === sampledStates ? everything : mostStates,
    seed,
  );
  const single = sample(cuts.filter(isSingle), ({ baseline }) => baseline.scenario.name, mostStates, seed);
  const trials: Trial[] = [...chosen, ...plain, ...single];
  console.log(
    `${chosen.length} of ${faults.length} faults, ${cuts.length} states after power cuts, ${plain.length + single.length} of them run on`,
  );
  await severalAtATime(trials, tryOne);
} finally {
  sweep.close();
  cage.close();
}
console.log(`${before} of the points before this time, the next run begun on ${sweep.states} different states`);
record({
  title: 'Faults on the output',
  about:
    'The sweep of `test/faults`: a publication fails once at an operation (rows) by a fault (columns); cells count the points tried. After each, the output is read, and the next run goes on.',
  tables: tablesOfPoints(),
  checks: [{ text: `no violation at ${grouped(before + tried)} points: ${violations}`, holds: violations === 0 }],
});
