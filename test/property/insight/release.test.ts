// Sequences of prepared runs, approvals, rejections, releases, stops, resumes, kills and restarts against a model, and against an own reading of
// the journal with node's crypto.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { loadConfig, type Settings } from '@basketwise/pipeline';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { approveRun, enterRun, rejectRun } from '../../../packages/insight/src/release/approve.ts';
import { releaseRun, resumePublication, stopPublication } from '../../../packages/insight/src/release/publication.ts';
import { verifyJournal } from '../../../packages/insight/src/release/verify-journal.ts';
import { sealedText } from '../../../packages/pipeline/src/run/seal.ts';
import { cases } from '../../cases.ts';
import { keyRoles, writeKeys } from '../../e2e/pipeline/release-keys.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';
import { killedAt } from './killed-command.ts';
import { writeMadeRun } from './made-run.ts';

type KeyName = keyof typeof keyRoles;
const names = Object.keys(keyRoles) as KeyName[];
const dates = ['2022-08-01', '2022-08-02', '2022-08-03'];
const home = mkdtempSync(join(tmpdir(), 'basketwise-release-'));
writeKeys(home);
const bank = `${smallBank(10).config}release: { approvals: 2, keys: ${home}/keys.yaml }\n`;
afterAll(() => rmSync(home, { recursive: true }));

/** A step of a sequence: an act on a run by a key, killed before its `kill`-th change of files if that is not 0. */
const step = fc.record({
  act: fc.oneof(
    { weight: 3, arbitrary: fc.constant('prepare' as const) },
    { weight: 8, arbitrary: fc.constant('approve' as const) },
    { weight: 6, arbitrary: fc.constant('release' as const) },
    { weight: 2, arbitrary: fc.constantFrom('reject', 'stop', 'resume', 'stop to', 'validate', 'erase', 'damage', 'mend') },
  ),
  date: fc.integer({ min: 0, max: dates.length - 1 }),
  key: fc.constantFrom(...names, ...names.filter((name) => name !== 'dora')),
  kill: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 14 }) }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const may = (key: KeyName, role: string) => (keyRoles[key] as readonly string[]).includes(role);

interface ModelRun {
  makers: Set<string>;
  /** Since the last stop, on the present bytes. */
  approvals: Set<string>;
  rejected: boolean;
  damaged: boolean;
  /** Of recommendations.csv, undamaged. */
  content: string;
}

/** The rules of docs/release.md. */
class Model {
  readonly runs = new Map<string, ModelRun>();
  published: string[] = [];
  stopped = false;
  /** The run of the last stop; null: none. */
  fallback: string | null = null;

  counted({ makers, approvals }: ModelRun): number {
    return [...approvals].filter((name) => !makers.has(name)).length;
  }

  /** Whether a step is done, rather than refused. */
  allows({ act, key }: Step, name: string): boolean {
    const run = this.runs.get(name);
    if (act === 'prepare') return may(key, 'run');
    if (act === 'stop') return true;
    if (act === 'stop to') return this.published.includes(name) && run?.damaged === false;
    if (act === 'resume') return may(key, 'resume');
    if (run === undefined || run.makers.size === 0 || run.damaged) return false;
    if (act === 'reject') return may(key, 'approve');
    if (act === 'approve') return may(key, 'approve') && !run.rejected && !run.makers.has(key);
    return (may(key, 'run') || may(key, 'approve')) && !this.stopped && !run.rejected && this.counted(run) >= 2;
  }

  /** Does an allowed step. */
  take({ act, key }: Step, name: string): void {
    const run = this.runs.get(name);
    if (act === 'prepare') run!.makers.add(key);
    if (act === 'approve') run!.approvals.add(key);
    if (act === 'reject') run!.rejected = true;
    if (act === 'resume') this.stopped = false;
    if (act === 'release') this.published = this.after(name);
    if (act !== 'stop' && act !== 'stop to') return;
    const fallback = act === 'stop' ? null : name;
    if (this.stopped && this.fallback === fallback) return;
    [this.stopped, this.fallback] = [true, fallback];
    this.published = act === 'stop' ? [] : this.published.slice(0, this.published.lastIndexOf(name) + 1);
    for (const one of this.runs.values()) one.approvals.clear();
  }

  after(name: string): string[] {
    const at = this.published.indexOf(name);
    return at < 0 ? [...this.published, name] : this.published.slice(0, at + 1);
  }
}

/** Does a step by the functions of the commands. */
function done(settings: Settings, { act, key }: Step, name: string): Promise<unknown> {
  const signal = new AbortController().signal;
  const signer = { as: key };
  if (act === 'prepare') return enterRun(settings, name, signer);
  if (act === 'approve') return approveRun(settings, name, signer);
  if (act === 'reject') return rejectRun(settings, name, 'because', signer);
  if (act === 'resume') return resumePublication(settings, undefined, signer);
  if (act === 'stop') return stopPublication(settings, { because: 'because' }, signal);
  if (act === 'stop to') return stopPublication(settings, { because: 'because', to: name, ...signer }, signal);
  return releaseRun(settings, name, signer, signal);
}

interface RawEntry {
  who: string;
  what: string;
  run?: string;
  files?: Record<string, string>;
  signature?: string;
}

/** Lines of a journal, read without the code under test. */
function rawEntries(output: string): RawEntry[] {
  const path = join(output, 'journal.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as RawEntry);
}

const publicKeys = new Map(names.map((name) => [name, createPublicKey(readFileSync(join(home, `${name}.pub.pem`)))]));

function isSigned({ signature, ...entry }: RawEntry): boolean {
  const key = publicKeys.get(entry.who as KeyName);
  return (
    key !== undefined &&
    signature !== undefined &&
    verify(null, Buffer.from(JSON.stringify(entry)), key, Buffer.from(signature, 'base64'))
  );
}

/** That `latest` has two valid signatures on its bytes, by keys that did not make it, before its release and after the last stop before that. */
function expectSigned(output: string, run: string): void {
  const entries = rawEntries(output);
  const released = entries.findLastIndex(({ what, run: of }) => what === 'release' && of === run);
  expect(released).toBeGreaterThan(0);
  const before = entries.slice(0, released);
  const since = before.slice(before.findLastIndex(({ what }) => what === 'stop') + 1);
  const hashOf = (file: string) => {
    const path = join(output, 'runs', run, file);
    return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : undefined;
  };
  const isOf = (what: string) => (one: RawEntry) =>
    one.what === what &&
    one.run === run &&
    ['manifest.json', ...(what === 'approve' ? ['erasures.json'] : [])].every((file) => one.files?.[file] === hashOf(file)) &&
    isSigned(one);
  const makers = before.filter(isOf('prepared')).map(({ who }) => who);
  const approvals = since.filter(isOf('approve')).map(({ who }) => who);
  expect(makers.length).toBeGreaterThan(0);
  expect(new Set(approvals.filter((who) => may(who as KeyName, 'approve') && !makers.includes(who))).size).toBeGreaterThan(1);
}

const latestOf = (output: string) =>
  existsSync(join(output, 'latest')) ? readlinkSync(join(output, 'latest')).slice('runs/'.length) : undefined;

/** What `forget` does to the made run: other rows, with their hash in erasures.json. */
function erase(folder: string, content: string): void {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const files = [{ file: 'recommendations.csv', bytes: Buffer.byteLength(content), sha256 }];
  writeFileSync(join(folder, 'erasures.json'), sealedText({ version: 1, customers: 1, files }));
  writeFileSync(join(folder, 'recommendations.csv'), content);
}

/** Changes a run outside of the commands. */
function changed(output: string, { act }: Step, model: Model, name: string, at: number): boolean {
  if (act !== 'validate' && act !== 'erase' && act !== 'damage' && act !== 'mend') return false;
  const run = model.runs.get(name);
  // a published run stays as it is
  if (run === undefined || model.published.includes(name)) return true;
  if (act === 'validate') {
    writeFileSync(join(output, 'runs', name, 'validation.json'), `${at}`);
    run.approvals.clear();
    return true;
  }
  if (act === 'erase') {
    run.content = `${at}`;
    erase(join(output, 'runs', name), run.content);
    run.approvals.clear();
  }
  run.damaged = act === 'damage';
  writeFileSync(join(output, 'runs', name, 'recommendations.csv'), run.damaged ? 'other' : run.content);
  return true;
}

/** Commands that were killed in all sequences. */
let kills = 0;

async function play(steps: readonly Step[]): Promise<void> {
  const folder = mkdtempSync(join(home, 'place-'));
  const output = join(folder, 'out');
  mkdirSync(output, { mode: 0o700 });
  writeFileSync(join(folder, 'basketwise.yaml'), bank);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const model = new Model();
  for (const [at, one] of steps.entries()) {
    const name = nameOf(one.date);
    if (one.act === 'prepare' && !model.runs.has(name)) {
      writeMadeRun(output, dates[one.date]!, dates[one.date]!);
      const content = dates[one.date]!;
      model.runs.set(name, { makers: new Set(), approvals: new Set(), rejected: false, damaged: false, content });
    }
    if (changed(output, one, model, name, at)) continue;
    const isAllowed = model.allows(one, name);
    const [entries, latest] = [rawEntries(output).length, latestOf(output)];
    const act = () => done(settings, one, name);
    if (one.kill === 0) {
      const error = await act().then(
        () => undefined,
        (cause: unknown) => cause,
      );
      expect([at, one, error === undefined || (error as AppError).message]).toEqual([at, one, isAllowed || expect.any(String)]);
      if (error !== undefined) expect(error).toBeInstanceOf(AppError);
      if (isAllowed) model.take(one, name);
    } else {
      const wasKilled = await killedAt(folder, one.kill, act);
      if (wasKilled) kills++;
      await restarted(settings);
      const isEntered = rawEntries(output).length > entries;
      expect(isEntered && !isAllowed).toBe(false);
      // a release may have its entry, and not be published yet
      const isDone = !wasKilled || (one.act === 'release' ? latestOf(output) === name && latest !== name : isEntered);
      if (isAllowed && isDone) model.take(one, name);
    }
    expect([at, one, latestOf(output)]).toEqual([at, one, model.published.at(-1)]);
    if (model.published.length > 0) expectSigned(output, model.published.at(-1)!);
  }
  await verifyJournal(settings);
  rmSync(folder, { recursive: true });
}

const nameOf = (date: number) => {
  const day = dates[date]!;
  return `${day}-${createHash('sha256').update(day).digest('hex').slice(0, 8)}`;
};

/** The next command after a kill, which is refused: it finishes an entry and a stop. */
async function restarted(settings: Settings): Promise<void> {
  await expect(approveRun(settings, 'none', { as: 'anna' })).rejects.toThrow('no successful run');
}

test('no sequence publishes a run without two signatures on its bytes, or leaves published what was stopped', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), play), { numRuns: cases(60), seed: 1 });
  expect(kills).toBeGreaterThan(5);
});
