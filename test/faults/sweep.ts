import { dirname } from 'node:path';
import type { Cage, Ended, Fault } from './cage.ts';
import { isSamePublished, type Outcome, outcomeDifferences, outcomeOf } from './outcome.ts';
import { type CutState, writeState } from './power-cut.ts';
import type { Scenario } from './scenarios.ts';

/** A scenario, how its place is before it, and how it is after it where nothing disturbs it. */
export interface Baseline {
  scenario: Scenario;
  before: Outcome;
  after: Outcome;
  /** What the undisturbed program did. */
  log: string[][];
  /** Bytes that it wrote. */
  data: Buffer;
}

/** What was put into a scenario, and what was wrong afterwards. */
export interface Verdict {
  /** What it was. */
  text: string;
  violations: string[];
}

/** Runs a scenario undisturbed. @throws Error where that fails, or another time gives other bytes */
export async function baselineOf(cage: Cage, scenario: Scenario): Promise<Baseline> {
  const data = scenario.name.replaceAll(' ', '-');
  const place = cage.place(`baseline-${data}`, scenario.from);
  const before = await outcomeOf(place);
  const ended = await cage.run(place, scenario.args, { data });
  if (ended.code !== 0) throw new Error(`${scenario.name}: ended with ${ended.code}: ${ended.stderr}`);
  return { scenario, before, after: await outcomeOf(place), log: ended.log, data: cage.data(data) };
}

/** What a program may end with that met a fault on its output: done in spite of it, or "cannot write". */
const documented = new Set<number | null>([0, 74]);
/** Of what it reads again, also "cannot be read" and "not permitted". */
const documentedOfReading = new Set<number | null>([...documented, 66, 77]);

/** Puts one fault into a scenario, and looks at what it leaves and what the next run makes of that. */
export async function putFault(cage: Cage, baseline: Baseline, fault: Fault, name: string): Promise<Verdict> {
  const { scenario, after } = baseline;
  const place = cage.place(name, scenario.from);
  const ended = await cage.run(place, scenario.args, { fault });
  const violations = await afterFault(place, baseline, fault, ended);
  const found = await outcomeOf(place).catch(() => undefined);
  if (found === undefined || outcomeDifferences(after, found).length > 0)
    violations.push(...(await afterRerun(cage, place, baseline)));
  cage.remove(place);
  return { text: `${scenario.name}: ${fault.kind} at ${fault.op} ${fault.name} ${fault.count}`, violations };
}

async function afterFault(place: string, baseline: Baseline, fault: Fault, ended: Ended): Promise<string[]> {
  const { before, after } = baseline;
  const violations: string[] = [];
  const struck = ended.log.find(([sequence]) => sequence === 'struck');
  if (!struck) return [`not struck: ended with ${ended.code ?? ended.signal}`];
  const killed = fault.kind === 'kill';
  const codes = fault.reads ? documentedOfReading : documented;
  if (killed ? ended.signal !== 'SIGKILL' : !codes.has(ended.code)) violations.push(endText(ended));
  let found: Outcome;
  try {
    found = await outcomeOf(place);
  } catch (error) {
    return [...violations, `latest is not whole: ${(error as Error).message}`];
  }
  const isNew = isSamePublished(found.published, after.published);
  if (!isNew && !isSamePublished(found.published, before.published)) violations.push('latest is neither the old run nor the new');
  if (ended.code === 0 && !isNew) violations.push('ended with 0, and the new run is not published');
  if (killed || fault.kind === 'full') return violations;
  const left = leftBehind(baseline, found, fault, struck[4]!.slice(cageWork(struck[4]!).length));
  if (left.length > 0) violations.push(`left behind after ${ended.code}: ${left.join(', ')}`);
  return violations;
}

/** How a path begins that is that of a program's place. */
const cageWork = (path: string) => /^.*?\/work\//.exec(path)?.[0] ?? '';

function endText({ code, signal, stderr }: Ended): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const from = lines.findIndex((line) => line.startsWith('basketwise:'));
  return `ended with ${code ?? signal}: ${lines
    .slice(Math.max(0, from), Math.max(0, from) + 3)
    .join(' ')
    .slice(0, 300)}`;
}

/** Paths that neither were there nor belong there: not of a run that can be resumed, nor what the fault kept from being removed. */
function leftBehind({ before, after }: Baseline, found: Outcome, { op }: Fault, struck: string): string[] {
  const known = new Set([...before.paths, ...after.paths]);
  const isRemoval = op === 'unlink' || op === 'rmdir' || op === 'rename';
  const isKept = (path: string) =>
    isRemoval && (path === struck || path === `${struck}/` || path.startsWith(`${dirname(struck)}/`));
  return found.paths.filter((path) => !known.has(path) && !path.startsWith('out/runs/') && !isKept(path));
}

/** Runs a scenario on what is there; what is wrong with the outcome. */
export async function afterRerun(cage: Cage, place: string, { scenario, after }: Baseline): Promise<string[]> {
  const again = await cage.run(place, scenario.args);
  if (again.code !== 0) return [`the next run ${endText(again)}`];
  try {
    return outcomeDifferences(after, await outcomeOf(place)).map((text) => `after the next run, ${text}`);
  } catch (error) {
    return [`after the next run, latest is not whole: ${(error as Error).message}`];
  }
}

/** Puts what a power cut left in front of a scenario, and looks at what the next run makes of that. */
export async function putState(cage: Cage, baseline: Baseline, { state, what }: CutState, name: string): Promise<Verdict> {
  const place = cage.place(name);
  writeState(state, place);
  cage.own(place);
  const violations = await afterRerun(cage, place, baseline);
  cage.remove(place);
  return { text: `${baseline.scenario.name}: ${what}`, violations };
}

/** Does a work for each of some things, two at a time. */
export async function twoAtATime<T, R>(all: readonly T[], work: (one: T, at: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < all.length; at = next++) results[at] = await work(all[at]!, at);
  };
  await Promise.all([worker(), worker()]);
  return results;
}
