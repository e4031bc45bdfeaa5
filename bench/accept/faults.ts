// `npm run accept -- faults [points] [states] [seed]`: the sweep of test/faults as a whole, or as many points of it and as many states that power
// cuts leave. The whole one writes its table into docs/operations.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cage, type Fault, whyNoCage } from '../../test/faults/cage.ts';
import { pointsOf, sample } from '../../test/faults/points.ts';
import { type CutState, PowerCuts, whyNotWhole } from '../../test/faults/power-cut.ts';
import { openScenarios } from '../../test/faults/scenarios.ts';
import { type Baseline, baselineOf, putFault, putState, twoAtATime, type Verdict } from '../../test/faults/sweep.ts';

const everything = Number.POSITIVE_INFINITY;
/** States that one thing more or less makes: too many to run on all of them. */
const sampledStates = 600;
const [mostPoints = everything, mostStates = sampledStates, seed = 1] = process.argv.slice(2).map(Number);
const page = join(import.meta.dirname, '../../docs/operations.md');

/** Something to try, and the row of the table it counts in. */
type Trial = { baseline: Baseline; row: string } & ({ fault: Fault } | { cut: CutState });

let tried = 0;
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
    const broken = whyNotWhole(cut.state);
    if (broken !== undefined) console.log(`FAIL ${baseline.scenario.name}: ${cut.what}: ${broken}`);
    count('power cut: `latest` looked at', broken === undefined ? 0 : 1);
    kept.push(cut);
  }
  return kept;
}

async function tryOne(trial: Trial, at: number): Promise<void> {
  const verdict: Verdict =
    'fault' in trial
      ? await putFault(cage, trial.baseline, trial.fault, `point-${at}`)
      : await putState(cage, trial.baseline, trial.cut, `point-${at}`);
  for (const violation of verdict.violations) console.log(`FAIL ${verdict.text}: ${violation}`);
  count(trial.row, verdict.violations.length > 0 ? 1 : 0);
  if (++tried % 100 === 0) console.log(`${tried} tried, ${Math.round(performance.now() / 1000)} s`);
}

function writeTable(): void {
  const lines = [...rows].map(([row, { count, violations }]) => `| ${row} | ${count} | ${violations} |`);
  const table = ['| what happens | points | violations |', '| --- | --: | --: |', ...lines].join('\n');
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.replace(/(<!-- sweep -->\n)[\s\S]*?(\n<!-- \/sweep -->)/, `$1\n${table}\n$2`));
}

const why = whyNoCage();
if (why !== undefined) throw new Error(`the sweep ${why}`);
const cage = await Cage.open();
try {
  const baselines: Baseline[] = [];
  for (const scenario of await openScenarios(cage)) baselines.push(await baselineOf(cage, scenario));
  const faults = baselines.flatMap((baseline) =>
    pointsOf(baseline.log).map((fault) => ({
      baseline,
      fault,
      row: `${fault.kind} at ${fault.reads ? 'open to read' : fault.op}`,
    })),
  );
  const chosen: Trial[] = sample(faults, ({ baseline, row }) => `${baseline.scenario.name} ${row}`, mostPoints, seed);
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
  await twoAtATime(trials, tryOne);
} finally {
  cage.close();
}
if (mostPoints === everything && mostStates === sampledStates) writeTable();
console.log(`${tried} points, ${violations} violations`);
process.exitCode = violations === 0 ? 0 : 1;
