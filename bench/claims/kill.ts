// `npm run claim -- kill [kills] [customers] [seed]`: kill -9 at 30 random moments of a run of 200,000 customers, each followed by a rerun that must
// finish with the bytes of an undisturbed run. An earlier night has left its run: `latest` must point at a whole one at every moment. The moments
// are spread over the stages and the steps between them, the switch of `latest` included; a third of the kills hit a run that has succeeded and is
// done again from its clusters on, into another folder.
import { mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@basketwise/core/parts';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { type EndedJob, type JobProcessOptions, type KillMoment, runJobProcess } from '../scale/job-process.ts';
import { differences, isLatestWhole, latestName, type PublishedRun, readPublished } from '../scale/published-run.ts';

const [kills = 30, customers = 200_000, seed = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'basketwise-kill-'));
const output = join(folder, 'out');
const random = createRandom(seed);

/** The run that a kill is put into: the night's, or the same one done again. */
const nightly = ['run', '--json'];
const again = [...nightly, '--stage', 'cluster..'];

/** A moment of a run, and how long it takes. */
type Phase = { name: string; args: readonly string[] } & ({ after: string; milliseconds: number } | { file: RegExp });

/** The phases of a run: its start, every stage, its end, and the two steps that publish it. */
function phasesOf({ said, seconds }: EndedJob): Phase[] {
  const args = nightly;
  const begins = said.filter(({ text }) => text.endsWith(' ...'));
  const ends = [...begins.slice(1).map(({ at }) => at), said.at(-1)!.at];
  return [
    { name: 'start', args, after: '', milliseconds: begins[0]!.at },
    ...begins.map(({ text, at }, i) => ({ name: text.slice(0, -4), args, after: text, milliseconds: ends[i]! - at })),
    { name: 'end', args, after: 'report: done', milliseconds: 1000 * seconds - said.at(-1)!.at },
    { name: 'manifest.json', args, file: /^runs\/[^/]+\/manifest\.json$/ },
    { name: 'latest', args, file: /^latest/ },
    ...phasesAgain(begins, ends),
  ];
}

/** The phases of a run that is done again: the making of its folder, some stages, and the two steps that publish it. */
function phasesAgain(begins: EndedJob['said'], ends: readonly number[]): Phase[] {
  const stages = begins.flatMap(({ text, at }, i) => {
    const name = text.slice(0, -4);
    return ['cluster', 'publish', 'report'].includes(name) ? [{ name, after: text, milliseconds: ends[i]! - at }] : [];
  });
  const folders = [/^runs\/[^/]+-2\.unfinished/, /^runs\/[^/]+-2\/stages\/train/, /^runs\/[^/]+-2\/manifest\.json$/, /^latest/];
  const made = folders.map((file) => ({ name: String(file), file }));
  return [...made, ...stages].map((phase) => ({ ...phase, name: `again, ${phase.name}`, args: again }));
}

/** Kills a run as soon as a file whose name fits appears below `output`. */
function killAt(file: RegExp): JobProcessOptions['watch'] {
  return (kill) => {
    const watcher = watch(output, { recursive: true }, (_, name) => {
      if (name !== null && file.test(name)) kill();
    });
    return () => watcher.close();
  };
}

let brokenMoments = 0;
/** Looks at `latest` all the time while a run works. */
function watchLatest(): () => void {
  const timer = setInterval(() => {
    if (!isLatestWhole(output)) brokenMoments++;
  }, 20);
  return () => clearInterval(timer);
}

async function night(
  args: readonly string[] = nightly,
  options: Pick<JobProcessOptions, 'kill' | 'watch'> = {},
): Promise<EndedJob> {
  const stop = watchLatest();
  const ended = await runJobProcess(args, { cwd: folder, ...options });
  stop();
  return ended;
}

/** Goes back to the morning before: the earlier night's run, no model files. */
async function back(earlier: string): Promise<void> {
  if ((await runJobProcess(['rollback', earlier], { cwd: folder })).code !== 0) throw new Error('rollback failed');
  for (const run of readdirSync(join(output, 'runs')).filter((name) => name !== earlier))
    rmSync(join(output, 'runs', run), { recursive: true });
  rmSync(join(folder, 'models'), { recursive: true, force: true });
}

/** A moment to kill at: the same phase for every round, another place in it. */
function killOptions(phase: Phase): { options: Pick<JobProcessOptions, 'kill' | 'watch'>; moment: string } {
  if ('file' in phase) return { options: { watch: killAt(phase.file) }, moment: `when ${phase.name} appeared` };
  const kill: KillMoment = { after: phase.after, delay: Math.round(random.next() * phase.milliseconds) };
  return { options: { kill }, moment: `${phase.name} + ${kill.delay} ms` };
}

/** A run that is killed in a phase; null where each of three ended before it could be. */
async function killedNight(earlier: string, phase: Phase): Promise<{ killed: EndedJob; moment: string } | null> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await back(earlier);
    if (phase.args === again) await night();
    const { options, moment } = killOptions(phase);
    const killed = await night(phase.args, options);
    if (killed.code === null) return { killed, moment };
  }
  return null;
}

/** How what is published differs from what is wanted; a run that was done again has another name, which its manifest says, too. */
async function unwanted(wanted: PublishedRun): Promise<string[]> {
  const found = await readPublished(output);
  const isAgain = found.run === `${wanted.run}-2`;
  return differences(wanted, found).filter((name) => !isAgain || (name !== 'name' && name !== 'manifest.json'));
}

/** All that is in a run's folder. */
function filesOf(run: string): string[] {
  return (readdirSync(join(output, 'runs', run), { recursive: true }) as string[]).sort();
}

let [made, failed, missed] = [0, 0, 0];
try {
  await generateBank({ customers, seed: 11, folder: join(folder, 'data') });
  writeFileSync(join(folder, 'basketwise.yaml'), sampleConfig({ model: 'als' }));
  const first = await runJobProcess(['run', '--reference-date', '2022-07-31'], { cwd: folder });
  const earlier = latestName(output);
  if (first.code !== 0 || earlier === undefined) throw new Error('the earlier night failed');
  await back(earlier);
  const undisturbed = await night();
  if (undisturbed.code !== 0) throw new Error('the undisturbed run failed');
  const wanted = await readPublished(output);
  const everything = filesOf(wanted.run);
  const phases = phasesOf(undisturbed);
  console.log(`${customers} customers, seed ${seed}, undisturbed run ${undisturbed.seconds.toFixed(1)} s`);
  for (let i = 0; made < kills && missed < kills; i++) {
    brokenMoments = 0;
    const phase = phases[i % phases.length]!;
    const struck = await killedNight(earlier, phase);
    if (struck === null) {
      missed++;
      console.log(`     ${phase.name}: over before it could be killed, does not count`);
      continue;
    }
    made++;
    const { killed, moment } = struck;
    const pointed = latestName(output) === earlier ? 'the earlier night' : 'this one';
    const { code } = await night();
    const differing = code === 0 ? await unwanted(wanted) : ['no result'];
    const known = ['runs', 'latest', 'index.html', ...everything];
    const runs = [earlier, wanted.run, ...(phase.args === again ? [`${wanted.run}-2`] : [])];
    const left = [
      ...[...readdirSync(output), ...filesOf(latestName(output)!)].filter((name) => !known.includes(name)),
      ...readdirSync(join(output, 'runs')).filter((name) => !runs.includes(name)),
    ];
    const holds = differing.length === 0 && brokenMoments === 0 && left.length === 0;
    if (!holds) failed++;
    const what = `killed at ${moment} (${killed.seconds.toFixed(1)} s)`;
    const bytes = differing.length === 0 ? 'bytes equal' : `differ: ${differing.join(', ')}`;
    const rest = left.length === 0 ? '' : `, left behind: ${left.join(', ')}`;
    console.log(
      `${holds ? 'ok  ' : 'FAIL'} ${what}, latest ${pointed}, rerun ${code}, ${bytes}, latest broken ${brokenMoments}x${rest}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${made - failed} of ${made} kills survived, ${kills} asked`);
process.exitCode = failed === 0 && made === kills ? 0 : 1;
