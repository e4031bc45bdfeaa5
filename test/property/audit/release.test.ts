// Sequences of prepared runs, approvals, rejections, releases, stops, resumes, kills and restarts against a model, and against an own reading of
// the journal with node's crypto. The rows of servers are a file.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { appendEntry, loadConfig, type Settings } from '@basketwise/pipeline';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { approveRun, enterRun, needRunKey, rejectRun } from '../../../packages/audit/src/release/approve.ts';
import { releaseRun, resumePublication, stopPublication } from '../../../packages/audit/src/release/publication.ts';
import { verifyJournal } from '../../../packages/audit/src/release/verify-journal.ts';
import { sealedText } from '../../../packages/pipeline/src/run/seal.ts';
import { cases } from '../../cases.ts';
import { keyRoles, writeKeys } from '../../e2e/pipeline/release-keys.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';
import { killedAt } from './killed-command.ts';
import { madeRunName, writeMadeRun } from './made-run.ts';
import { rowsOf, server } from './made-server.ts';

// files of a worker share modules: those loaded before do not have the mock, and those after must not have it
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());
vi.mock('@basketwise/pipeline', async (original) => {
  const { followRows, placesElsewhere, publishRows } = await import('./made-server.ts');
  return { ...(await original<object>()), publishFinished: publishRows, followPublished: followRows, placesElsewhere };
});

type KeyName = keyof typeof keyRoles;
const names = Object.keys(keyRoles) as KeyName[];
/** Runs by number: two of one date. */
const runs = ['2022-08-01', '2022-08-02', '2022-08-03', '2022-08-03 again'];
const runNames = runs.map((one) => madeRunName(one.slice(0, 10), one));
const home = mkdtempSync(join(tmpdir(), 'basketwise-release-'));
writeKeys(home);
const small = smallBank(10).config.replace('output: {', 'output: { postgres: { url_env: BASKETWISE_MADE },');
const bank = `${small}release: { approvals: 2, keys: ${home}/keys.yaml }\n`;
afterAll(() => rmSync(home, { recursive: true }));

/**
 * A step of a sequence: an act on a run by a key, killed before its `kill`-th change of files if that is not 0, or with servers that are down.
 * `forge` adds an unsigned stop that names any run, `hand` a signed release without a look at approvals, `vouch` changes lists and adds an unsigned
 * erasure that names them; `lose` damages the record of published runs.
 */
const step = fc.record({
  act: fc.oneof(
    { weight: 3, arbitrary: fc.constant('prepare' as const) },
    { weight: 8, arbitrary: fc.constant('approve' as const) },
    { weight: 6, arbitrary: fc.constant('release' as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'reject',
        'stop',
        'resume',
        'stop to',
        'forge',
        'validate',
        'erase',
        'damage',
        'mend',
        'hand',
        'vouch',
      ),
    },
    { weight: 1, arbitrary: fc.constant('lose' as const) },
  ),
  run: fc.integer({ min: 0, max: runs.length - 1 }),
  isDown: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
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
  /** Whether its lists are others than those of its release. */
  isOther: boolean;
  /** Of recommendations.csv, undamaged. */
  content: string;
}

/** The rules of docs/audit.md. */
class Model {
  readonly runs = new Map<string, ModelRun>();
  published: string[] = [];
  stopped = false;
  /** The run of the last stop; null: none. */
  fallback: string | null = null;
  /** Whether the record of published runs is damaged. */
  isLost = false;
  /** Run whose rows servers have, by date. */
  rows: Record<string, string> = {};

  counted({ makers, approvals }: ModelRun): number {
    return [...approvals].filter((name) => !makers.has(name)).length;
  }

  /** Whether a step is done, rather than refused. */
  allows({ act, key }: Step, name: string): boolean {
    const run = this.runs.get(name);
    if (act === 'prepare') return may(key, 'run');
    if (act === 'stop') return true;
    if (act === 'stop to') return !this.isLost && ((this.stopped && this.fallback === name) || this.mayStay(name));
    if (act === 'resume') return may(key, 'resume') && !(this.stopped && this.isLost);
    if (run === undefined || run.makers.size === 0 || run.damaged) return false;
    if (act === 'reject') return may(key, 'approve');
    if (act === 'approve') return may(key, 'approve') && !run.rejected && !run.makers.has(key);
    const isReleasable = !this.stopped && !run.rejected && !this.isLost && this.counted(run) >= 2;
    return (may(key, 'run') || may(key, 'approve')) && isReleasable;
  }

  /** Whether a stop may publish a run again. */
  mayStay(name: string): boolean {
    const run = this.runs.get(name);
    return this.published.includes(name) && run?.damaged === false && !run.isOther && !run.rejected;
  }

  /** Does an allowed step. */
  take({ act, key }: Step, name: string): void {
    const run = this.runs.get(name);
    if (act === 'prepare') run!.makers.add(key);
    if (act === 'approve') run!.approvals.add(key);
    if (act === 'reject') run!.rejected = true;
    if (act === 'resume') this.stopped = false;
    if (act === 'release') [this.published, run!.isOther] = [this.after(name), false];
    if (act !== 'stop' && act !== 'stop to' && act !== 'forge') return;
    const fallback = act === 'stop' ? null : name;
    if (act !== 'forge' && this.stopped && this.fallback === fallback) return;
    // `latest` is there already
    const stays = this.published.at(-1) === fallback || (fallback !== null && !this.isLost && this.mayStay(fallback));
    this.published = stays ? this.published.slice(0, this.published.lastIndexOf(name) + 1) : [];
    if (!stays) this.isLost = false;
    [this.stopped, this.fallback] = [true, fallback];
    for (const one of this.runs.values()) one.approvals.clear();
  }

  /** Makes the rows of servers those of the published runs, where these may be published again. */
  follow(): void {
    for (const [date, publisher] of Object.entries(this.rows)) {
      const run = this.published.findLast((one) => one.startsWith(date));
      if (run === publisher) continue;
      if (run !== undefined && this.mayStay(run)) this.rows[date] = run;
      else delete this.rows[date];
    }
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
  if (act === 'resume') return resumePublication(settings, undefined, signer, signal);
  if (act === 'stop') return stopPublication(settings, { because: 'because' }, signal);
  if (act === 'stop to') return stopPublication(settings, { because: 'because', to: name, ...signer }, signal);
  return releaseRun(settings, name, signer, signal);
}

interface RawEntry {
  who: string;
  what: string;
  because?: string;
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
  const released = entries.findLastIndex((one) => one.what === 'release' && one.run === run && one.because !== byHand);
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

/** Changes the made run as `forget` does: other rows, with their hash in erasures.json. */
function erase(folder: string, content: string): void {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const files = [{ file: 'recommendations.csv', bytes: Buffer.byteLength(content), sha256 }];
  writeFileSync(join(folder, 'erasures.json'), sealedText({ version: 1, customers: 1, files }));
  writeFileSync(join(folder, 'recommendations.csv'), content);
}

const byHand = 'by hand';

/** Enters a release without its approvals, signed with the private key of a role that may release. */
async function releaseByHand(output: string, name: string, key: KeyName): Promise<void> {
  const hash = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(output, 'runs', name, file)))
      .digest('hex');
  const there = ['manifest.json', 'run.json', 'erasures.json', 'validation.json'];
  const files = Object.fromEntries(
    there.filter((file) => existsSync(join(output, 'runs', name, file))).map((file) => [file, hash(file)]),
  );
  const secret = createPrivateKey(readFileSync(join(home, `${key}.pem`)));
  const signed = async (text: string) => sign(null, Buffer.from(text), secret).toString('base64');
  await appendEntry(output, { who: key, what: 'release', run: name, because: byHand, files }, signed);
}

/** Changes the lists of a run that is not the latest, and enters an erasure of them without a key. */
async function vouch(output: string, name: string, run: ModelRun, content: string): Promise<void> {
  Object.assign(run, { content, isOther: true, damaged: false });
  run.approvals.clear();
  erase(join(output, 'runs', name), content);
  const sha256 = createHash('sha256')
    .update(readFileSync(join(output, 'runs', name, 'erasures.json')))
    .digest('hex');
  await appendEntry(output, {
    who: 'user:forger',
    what: 'forget',
    customers: 1,
    files: { [`runs/${name}/erasures.json`]: sha256 },
  });
}

/** Changes a run outside of the commands. */
async function changed(output: string, step: Step, model: Model, name: string, at: number): Promise<boolean> {
  const { act } = step;
  if (act === 'lose') {
    // without runs beside it, the file would be another program's
    if (model.runs.size > 0) writeFileSync(join(output, 'published.json'), 'x');
    model.isLost = model.published.length > 0;
    return true;
  }
  if (act === 'forge') {
    await appendEntry(output, { who: 'user:forger', what: 'stop', run: name });
    model.take(step, name);
    return true;
  }
  if (!['validate', 'erase', 'damage', 'mend', 'hand', 'vouch'].includes(act)) return false;
  const run = model.runs.get(name);
  if (act === 'hand' || act === 'vouch') {
    if (act === 'hand' && run !== undefined && step.key !== 'dora') await releaseByHand(output, name, step.key);
    if (act === 'vouch' && run !== undefined && model.published.at(-1) !== name) await vouch(output, name, run, `${at}`);
    return true;
  }
  // a published run stays as it is
  if (run === undefined || model.published.includes(name)) return true;
  if (act === 'validate') {
    writeFileSync(join(output, 'runs', name, 'validation.json'), sealedText({ at }));
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
    const name = runNames[one.run]!;
    if (one.act === 'prepare' && !model.runs.has(name)) {
      const content = runs[one.run]!;
      writeMadeRun(output, content.slice(0, 10), content, content);
      model.runs.set(name, { makers: new Set(), approvals: new Set(), rejected: false, damaged: false, isOther: false, content });
    }
    if (await changed(output, one, model, name, at)) {
      if (one.act === 'forge') await restarted(settings);
      continue;
    }
    const isAllowed = model.allows(one, name);
    const [entries, latest, wasStopped] = [rawEntries(output).length, latestOf(output), model.stopped];
    const act = () => done(settings, one, name);
    if (one.kill === 0) {
      server.isDown = one.isDown;
      const error = await act().then(
        () => undefined,
        (cause: unknown) => cause,
      );
      server.isDown = false;
      const follows = one.act === 'release' || one.act.startsWith('stop') || (one.act === 'resume' && wasStopped);
      const succeeds = isAllowed && !(one.isDown && follows);
      expect([at, one, error === undefined || (error as AppError).message]).toEqual([at, one, succeeds || expect.any(String)]);
      if (error !== undefined) expect(error).toBeInstanceOf(AppError);
      if (isAllowed && (succeeds || one.act.startsWith('stop'))) model.take(one, name);
      if (succeeds && one.act === 'release') model.rows[name.slice(0, 10)] = name;
      if (succeeds && follows) model.follow();
      expect([at, one, rowsOf(output)]).toEqual([at, one, model.rows]);
    } else {
      const wasKilled = await killedAt(folder, one.kill, act);
      if (wasKilled) kills++;
      await restarted(settings);
      const isEntered = rawEntries(output).length > entries;
      expect(isEntered && !isAllowed).toBe(false);
      // a release may have its entry, and not be published yet
      const isDone = !wasKilled || (one.act === 'release' ? latestOf(output) === name && latest !== name : isEntered);
      if (isAllowed && isDone) model.take(one, name);
      model.rows = rowsOf(output);
    }
    expect([at, one, latestOf(output)]).toEqual([at, one, model.published.at(-1)]);
    if (model.published.length > 0) expectSigned(output, model.published.at(-1)!);
  }
  await verifyJournal(settings);
  rmSync(folder, { recursive: true });
}

/** The next commands after a kill: a run finishes a stop before it compares itself with `latest`; a refused approval finishes an entry. */
async function restarted(settings: Settings): Promise<void> {
  await needRunKey(settings, { as: 'batch' });
  const latest = latestOf(join(dirname(settings.file), 'out'));
  await expect(approveRun(settings, 'none', { as: 'anna' })).rejects.toThrow('no successful run');
  expect(latestOf(join(dirname(settings.file), 'out'))).toBe(latest);
}

const act = (name: Step['act'], key: KeyName, run: number, isDown = false): Step => ({ act: name, key, run, isDown, kill: 0 });
const published = (run: number): Step[] => [
  act('prepare', 'batch', run),
  ...(['anna', 'ben'] as const).map((key) => act('approve', key, run)),
  act('release', 'batch', run),
];
/** Sequences that are rare by chance. */
const examples: [Step[]][] = [
  // servers that a stop did not reach
  [[...published(0), ...published(1), act('stop to', 'anna', 0, true), act('resume', 'dora', 0)]],
  // a published run is rejected: no stop, and no forged one, publishes it again
  [[...published(0), ...published(1), act('reject', 'anna', 0), act('stop to', 'anna', 0), act('forge', 'anna', 0)]],
  [[...published(2), ...published(0), ...published(3), act('reject', 'anna', 2), act('stop to', 'anna', 0)]],
  // without the record, runs that were only prepared look published
  [[act('prepare', 'batch', 0), ...published(1), act('lose', 'anna', 0), act('stop to', 'anna', 0), act('forge', 'anna', 0)]],
  [[...published(0), ...published(1), act('lose', 'anna', 0), act('release', 'batch', 0), act('stop', 'anna', 0)]],
  // a release that a key signed alone
  [[act('prepare', 'batch', 0), act('hand', 'batch', 0), ...published(1), act('lose', 'anna', 0), act('stop to', 'anna', 0)]],
  // changed lists, and an erasure without a signature that names them
  [[...published(0), ...published(1), act('vouch', 'anna', 0), act('stop to', 'anna', 0)]],
];

test('no sequence publishes a run without two signatures on its bytes, or leaves published what was stopped', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), play), {
    numRuns: cases(60) + examples.length,
    seed: 1,
    examples,
  });
  expect(kills).toBeGreaterThan(5);
});
