import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import type { Cage, Ended, Fault } from './cage.ts';
import { isPartlyErased, isSameOutput, type Outcome, outcomeDifferences, outcomeOf, stateKey } from './outcome.ts';
import { type CutState, whyNotErased, whyNotWhole, writeState } from './power-cut.ts';
import type { Scenario } from './scenarios.ts';
import { Server } from './server.ts';

/** A scenario, how its place is before it, and how it is after it where nothing disturbs it. */
export interface Baseline {
  scenario: Scenario;
  before: Outcome;
  after: Outcome;
  /** Operations of the undisturbed program. */
  log: string[][];
  /** Bytes that it wrote. */
  data: Buffer;
}

/** A fault that was put into a scenario, and all that was wrong afterwards. */
export interface Verdict {
  /** The fault, in words. */
  text: string;
  violations: string[];
}

/** Runs a scenario undisturbed. @throws Error where that fails, or another time gives other bytes */
export async function baselineOf(cage: Cage, scenario: Scenario): Promise<Baseline> {
  const data = scenario.name.replaceAll(' ', '-');
  const place = cage.place(`baseline-${data}`, scenario.from);
  const before = await outcomeOf(place, erases(scenario));
  const ended = await cage.run(place, scenario.args, { data });
  if (ended.code !== 0) throw new Error(`${scenario.name}: ended with ${ended.code}: ${ended.stderr}`);
  const after = await outcomeOf(place, erases(scenario));
  const violations = await afterOthers(place, { scenario, before, after }, cage);
  if (violations.length > 0) throw new Error(`${scenario.name}: ${violations.join('; ')}`);
  return { scenario, before, after, log: ended.log, data: cage.data(data) };
}

/** Why a state after a power cut is not whole before the next command; undefined where it is. */
export function whyBroken({ scenario, before, after }: Baseline, { state }: CutState): string | undefined {
  return erases(scenario) ? whyNotErased(state, [before.erasable!, after.erasable!]) : whyNotWhole(state);
}

/** Whether a scenario is an erasure. */
export const erases = ({ name }: Scenario) => name === 'forget';

/** Exit codes of a program that met a fault on its output: done in spite of it, or "cannot write". */
const documented = new Set<number | null>([0, 74]);
/** Of what it reads again, also "damaged", "cannot be read" and "not permitted". */
const documentedOfReading = new Set<number | null>([...documented, 65, 66, 77]);

/** How programs are run: each in a process of its own, or by two that live on, one that meets the faults and one for the next runs. */
interface Runners {
  faulted: Pick<Cage, 'run'>;
  next: Pick<Cage, 'run'>;
  /** Outcomes of next runs, by the scenario and the state that they found: many faults leave the same one. */
  known: Map<string, Promise<string[]>>;
}

/** A cage with what runs programs in it. */
export class Sweep {
  readonly #cage: Cage;
  readonly #known = new Map<string, Promise<string[]>>();
  readonly #lanes: Runners[] = [];
  #places = 0;

  constructor(cage: Cage) {
    this.#cage = cage;
  }

  /** Different states that next runs have begun on. */
  get states(): number {
    return this.#known.size;
  }

  /** Puts one fault into a scenario, and looks at what it leaves and what the next run makes of that. */
  putFault(baseline: Baseline, fault: Fault): Promise<Verdict> {
    const { scenario } = baseline;
    const text = `${scenario.name}: ${fault.kind} at ${fault.op} ${fault.name} ${fault.count}`;
    return this.#judge(text, async (name, { faulted, next, known }) => {
      const place = this.#cage.place(name, scenario.from);
      const ended = await (fault.kind === 'kill' ? this.#cage : faulted).run(place, scenario.args, { fault });
      const violations = await afterFault(place, baseline, fault, ended);
      const found = await outcomeOf(place, erases(scenario)).catch(() => undefined);
      if (found === undefined || outcomeDifferences(baseline.after, found).length > 0)
        violations.push(...(await this.#afterNext(place, baseline, next, known)));
      this.#cage.remove(place);
      return violations;
    });
  }

  /** Puts what a kill or a power cut left in front of a scenario, and looks at what the next run makes of that. */
  putState(baseline: Baseline, { state, what }: CutState): Promise<Verdict> {
    return this.#judge(`${baseline.scenario.name}: ${what}`, async (name, { next, known }) => {
      const place = this.#cage.place(name);
      writeState(state, place);
      this.#cage.own(place);
      const violations = await lookAtLatest(place, baseline);
      violations.push(...(await this.#afterNext(place, baseline, next, known)));
      this.#cage.remove(place);
      return violations;
    });
  }

  /** Runs what may follow on copies of what is there, unless it was run on the same before; what is wrong then. */
  #afterNext(place: string, baseline: Baseline, next: Pick<Cage, 'run'>, known: Runners['known']): Promise<string[]> {
    const key = `${baseline.scenario.name}\n${stateKey(place)}`;
    const found = known.get(key) ?? this.#next(place, baseline, next);
    known.set(key, found);
    return found;
  }

  async #next(place: string, baseline: Baseline, next: Pick<Cage, 'run'>): Promise<string[]> {
    if (baseline.scenario.others.length === 0) return rerun(place, baseline, next);
    const copy = this.#cage.place(`${this.#places++}`, place);
    const violations = await afterOthers(copy, baseline, next);
    this.#cage.remove(copy);
    return [...violations, ...(await rerun(place, baseline, next))];
  }

  /** Repeats in processes of their own each failure of a long-lived process: only these count, as a run is one process. */
  async #judge(text: string, work: (name: string, runners: Runners) => Promise<string[]>): Promise<Verdict> {
    const lane = this.#lanes.pop() ?? { faulted: new Server(this.#cage), next: new Server(this.#cage), known: this.#known };
    try {
      const name = `${this.#places++}`;
      const violations = await work(name, lane);
      if (violations.length === 0) return { text, violations };
      return { text, violations: await work(name, { faulted: this.#cage, next: this.#cage, known: new Map() }) };
    } finally {
      this.#lanes.push(lane);
    }
  }

  close(): void {
    for (const lane of this.#lanes) for (const server of [lane.faulted, lane.next]) (server as Server).close();
  }
}

/** That `latest` is whole, and the old run or the new one. */
async function lookAtLatest(place: string, baseline: Baseline): Promise<string[]> {
  try {
    const found = await outcomeOf(place, erases(baseline.scenario));
    const isKnown = [baseline.before, baseline.after].some((one) => isSameOutput(found, one)) || isPartlyErased(found, baseline);
    return isKnown ? [] : ['latest and the nights before are neither the old ones nor the new'];
  } catch (error) {
    return [`latest is not whole: ${(error as Error).message}`];
  }
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
    found = await outcomeOf(place, erases(baseline.scenario));
  } catch (error) {
    return [...violations, `latest is not whole: ${(error as Error).message}`];
  }
  const isNew = isSameOutput(found, after);
  if (!isNew && !isSameOutput(found, before) && !isPartlyErased(found, baseline))
    violations.push('latest and the nights before are neither the old ones nor the new');
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

/** Runs the other commands that may follow a scenario; what is wrong then. */
async function afterOthers(place: string, baseline: Omit<Baseline, 'log' | 'data'>, next: Pick<Cage, 'run'>): Promise<string[]> {
  const violations: string[] = [];
  for (const args of baseline.scenario.others) {
    const ended = await next.run(place, args);
    if (ended.code !== 0) violations.push(`\`${args.join(' ')}\` ${endText(ended)}`);
  }
  return violations;
}

/** Runs a scenario on what is there; what is wrong with the outcome. */
async function rerun(place: string, { scenario, after }: Baseline, next: Pick<Cage, 'run'>): Promise<string[]> {
  const again = await next.run(place, scenario.args);
  // A customer who is already erased is not found.
  if (again.code !== 0 && !(erases(scenario) && again.code === 66)) return [`the next run ${endText(again)}`];
  try {
    return outcomeDifferences(after, await outcomeOf(place, erases(scenario))).map((text) => `after the next run, ${text}`);
  } catch (error) {
    return [`after the next run, latest is not whole: ${(error as Error).message}`];
  }
}

/** How many programs run at a time: they wait for their threads a third of the time. */
const lanes = availableParallelism() + 1;

/** Does a work for each of some things, several at a time. */
export async function severalAtATime<T, R>(all: readonly T[], work: (one: T, at: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < all.length; at = next++) results[at] = await work(all[at]!, at);
  };
  await Promise.all(Array.from({ length: lanes }, worker));
  return results;
}
