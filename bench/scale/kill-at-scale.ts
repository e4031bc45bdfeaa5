import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@basketwise/core/parts';
import type { StageState } from '@basketwise/pipeline';
import { fixed, tableText } from '../records/table-text.ts';
import { openBank } from './bank-folder.ts';
import { jobFolder, printRun, type ScaleRun } from './bank-run.ts';
import { type EndedJob, type KillMoment, runJobProcess } from './job-process.ts';
import { gibibytes, type Printed } from './program.ts';
import { differences, type PublishedRun, readPublished } from './published-run.ts';

/** Results that are named beside the manifest. */
const results = ['recommendations.parquet', 'clusters.parquet', 'segments.parquet'];

/** The middle half of a random stage after the extraction, by the times of an undisturbed run. */
function middleOfSomeStage(stages: readonly StageState[], seed: number): KillMoment {
  const random = createRandom(seed);
  const later = stages.slice(1);
  const stage = later[Math.floor(random.next() * later.length)]!;
  return { after: `${stage.name} ...`, delay: Math.round(1000 * stage.seconds * (0.25 + 0.5 * random.next())) };
}

/**
 * Runs a generated bank undisturbed; again, killed with -9 in the middle of a stage; and once more, which must go on and end with the same
 * bytes. Prints time per stage of all three and the peak memory of their processes. True when it holds, the limit of memory included.
 * Everything but a named bank is removed afterwards.
 */
export async function killAtScale(run: ScaleRun, seed: number): Promise<boolean> {
  const bank = await openBank({ customers: run.customers, products: 430, named: run.bank });
  const folders: string[] = [];
  try {
    const [undisturbed, other] = [jobFolder(run, bank), jobFolder(run, bank)];
    folders.push(undisturbed, other);
    const whole = await runJobProcess(['run', '--json'], { cwd: undisturbed, echo: true });
    if (whole.code !== 0) return fail(`the undisturbed run ended with ${whole.code}`);
    const printed: Printed = JSON.parse(whole.stdout);
    printRun(printed);
    const wanted = await readPublished(join(undisturbed, 'out'));
    rmSync(undisturbed, { recursive: true, force: true });

    const moment = middleOfSomeStage(printed.stages, seed);
    const killed = await runJobProcess(['run', '--json'], { cwd: other, kill: moment, echo: true });
    const where = `${moment.after.slice(0, -4)} + ${(moment.delay / 1000).toFixed(1)} s`;
    if (killed.code !== null) return fail(`the run ended with ${killed.code} before it was killed at ${where}`);
    const rerun = await runJobProcess(['run', '--json'], { cwd: other, echo: true });
    if (rerun.code !== 0) return fail(`the rerun ended with ${rerun.code}`);
    const found = await readPublished(join(other, 'out'));
    printStages(printed.stages, JSON.parse(rerun.stdout).stages, `killed at ${where}`);
    printHashes(wanted, found);
    return judge(run, { whole, killed, rerun }, differences(wanted, found));
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    bank.remove();
  }
}

function fail(what: string): false {
  console.log(`FAIL: ${what}`);
  return false;
}

function printStages(stages: readonly StageState[], again: readonly StageState[], title: string): void {
  const rows = stages.map(({ name, seconds, peakMemory }, i) => {
    const { status, seconds: rerun } = again[i]!;
    return [name, fixed(seconds, 1), peakMemory, status === 'skipped' ? 'skipped' : rerun.toFixed(1)];
  });
  console.log(
    `\n${title}, and rerun\n${tableText({ columns: ['stage', 'undisturbed, s', 'peak so far, MiB', 'rerun, s'], rows })}`,
  );
}

function printHashes(wanted: PublishedRun, found: PublishedRun): void {
  const hashes = ({ manifest, files }: PublishedRun) =>
    [manifest, ...results.map((file) => files[file])].map((hash) => `${hash?.slice(0, 16)}`);
  const [before, after] = [hashes(wanted), hashes(found)];
  const rows = ['manifest.json', ...results].map((file, i) => [file, before[i]!, after[i]!]);
  console.log(tableText({ columns: ['sha256', 'undisturbed', 'killed and rerun'], rows }));
  console.log(`all ${Object.keys(wanted.files).length} files of the manifest are compared\n`);
}

function judge(
  { mostMemory = Infinity }: ScaleRun,
  jobs: Record<'whole' | 'killed' | 'rerun', EndedJob>,
  differing: string[],
): boolean {
  for (const [name, { seconds, peakBytes }] of Object.entries(jobs))
    console.log(`${name}: ${seconds.toFixed(1)} s in all, peak memory of the process tree ${gibibytes(peakBytes)}`);
  const most = Math.max(...Object.values(jobs).map(({ peakBytes }) => peakBytes));
  if (differing.length > 0) return fail(`these differ: ${differing.join(', ')}`);
  if (most > mostMemory) return fail(`peak memory ${gibibytes(most)}, at most ${gibibytes(mostMemory)} allowed`);
  console.log('ok: the rerun has the same bytes');
  return true;
}
