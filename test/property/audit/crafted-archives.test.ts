import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetCustomers, isAllProven, openReplay, verifyArchive } from '@basketwise/audit';
import { AppError, createRandom, required } from '@basketwise/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentAt, openArchive } from '../../../packages/audit/src/archive/archive-file.ts';
import { tarEnd, tarHeader, tarPadding } from '../../../packages/audit/src/archive/tar.ts';
import type { Verification } from '../../../packages/audit/src/archive/verification.ts';
import { sealedText, sealOf } from '../../../packages/pipeline/src/run/seal.ts';
import { cases, longTest } from '../../cases.ts';
import { basketwise, smallBank, writeBank } from '../../e2e/pipeline/small-bank.ts';

const more = `clusters:
  age: { k: 2, numeric: [age], model: age.arrow }
offers: { value: 10, capacity: { calls: { most: 20 } }, control: { share: 0.3, salt: spring } }
`;
type Json = Record<string, unknown>;

let folder: string;
let bank: Awaited<ReturnType<typeof writeBank>>;
let run = '';
const contents = new Map<string, Buffer>();
beforeAll(async () => {
  const small = smallBank(120);
  bank = await writeBank({ ...small, config: `${small.config.replace(/^model:.*$/m, 'model: { kind: popularity }')}${more}` });
  folder = mkdtempSync(join(tmpdir(), 'basketwise-crafted-'));
  expect((await basketwise(bank.folder, 'run', '--reference-date', '2022-08-31')).exitCode).toBe(0);
  expect((await basketwise(bank.folder, 'archive', '--to', 'a.tar')).exitCode).toBe(0);
  const bytes = readFileSync(join(bank.folder, 'a.tar'));
  const opened = await openArchive(join(bank.folder, 'a.tar'));
  run = opened.list.run;
  for (const entry of opened.entries) contents.set(entry.file, bytes.subarray(contentAt(entry), contentAt(entry) + entry.bytes));
  await opened.close();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await bank.remove();
});

/** Files of an archive, open for changes. Those of JSON are values. */
interface Craft {
  manifest: Json;
  stages: Map<string, Json>;
  files: Map<string, Buffer>;
  /** List of hashes, made last; and what is put before it. */
  list(made: Json): Json;
  erasures: Json | undefined;
}

const jsonIn = (file: string): Json => {
  const { seal: _, ...document } = JSON.parse(required(contents, file).toString('utf8'));
  return document;
};
const recordOf = (file: string, content: Buffer) => ({
  ...{ file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') },
});

/** Bytes of an archive whose seals and hashes all agree, as of one who knows how they are made. */
function craft(change: (archive: Craft) => void): Buffer {
  const stages = new Map([...contents.keys()].filter((file) => file.startsWith('stages/')).map((file) => [file, jsonIn(file)]));
  const all: Craft = {
    manifest: jsonIn('manifest.json'),
    stages,
    files: new Map(contents),
    list: (made) => made,
    erasures: undefined,
  };
  change(all);
  const erased = new Set(((all.erasures?.files ?? []) as { file: string }[]).map(({ file }) => file));
  const isChanged = (file: string) => all.files.has(file) && !erased.has(file) && all.files.get(file) !== contents.get(file);
  const renewed = (records: unknown) =>
    Array.isArray(records)
      ? records.map((record) => (isChanged(record?.file) ? recordOf(record.file, required(all.files, record.file)) : record))
      : records;
  all.manifest.files = renewed(all.manifest.files);
  let after = '';
  for (const [file, stage] of all.stages) {
    const record = { ...stage, after, files: renewed(stage.files) };
    after = sealOf(record);
    all.files.set(file, Buffer.from(sealedText(record)));
  }
  all.files.set('manifest.json', Buffer.from(sealedText(all.manifest)));
  const entries = [...all.files].map(([file, content]) => ({
    ...recordOf(file, (erased.has(file) && contents.get(file)) || content),
    held: true,
  }));
  const records = Array.isArray(all.manifest.files) ? (all.manifest.files as ReturnType<typeof recordOf>[]) : [];
  const hashes = records.filter((record) => !all.files.has(record?.file)).map((record) => ({ ...record, held: false }));
  const list = all.list({ version: 1, run, data: true, entries: [...entries, ...hashes] });
  const parts = [['seal.json', Buffer.from(sealedText(list))] as const, ...all.files];
  if (all.erasures) parts.unshift(['erasures.json', Buffer.from(sealedText(all.erasures))]);
  const pieces = parts.flatMap(([file, content]) => [
    tarHeader(`${list.run}/${file}`, content.length),
    content,
    tarPadding(content.length),
  ]);
  return Buffer.concat([...pieces, tarEnd]);
}

let crafted = 0;
/** Answers of verify, replay and forget about an archive, and paths that they have left beside it. */
async function outcomes(bytes: Buffer) {
  const outside = join(folder, `${crafted++}`);
  const place = join(outside, 'a', 'b');
  mkdirSync(place, { recursive: true });
  const path = join(place, 'x.tar');
  writeFileSync(path, bytes);
  const signal = AbortSignal.timeout(60_000);
  const said = async (work: () => Promise<unknown>) =>
    work().then(
      (value) => value,
      (error) => (error instanceof AppError ? `${error.code}: ${error.message}` : `bug: ${error.stack}`),
    );
  const verified = await said(() => verifyArchive(path, { hashes: false, signal, tell: () => {}, threads: 1 }));
  const replayed = await said(async () => {
    const opened = await openReplay(path);
    return opened.of('0001').finally(() => opened.close());
  });
  const forgotten = await said(() => forgetCustomers(join(outside, 'out'), ['0001'], [path]));
  const left = readdirSync(outside, { recursive: true }).filter(
    (name) => !/^(a(\/b(\/x\.tar)?)?|out(\/\.?(journal|archives|runs).*)?)$/.test(String(name)),
  );
  rmSync(outside, { recursive: true });
  return { verified, replayed, forgotten, left };
}

/** Result of a verification: an error, the first reason why not all is proven, or `proven`. */
function verdict(verified: unknown): string {
  if (typeof verified === 'string') return verified;
  const { others, again, notAgain } = verified as Verification;
  const reason = notAgain ?? (others.length > 0 ? 'others' : again!.without.length > 0 ? 'without' : 'proven');
  expect(isAllProven(verified as Verification)).toBe(reason === 'proven');
  return reason;
}

test('an archive that is crafted without a change is proven', async () => {
  const { verified, replayed, forgotten, left } = await outcomes(craft(() => {}));
  expect([verdict(verified), replayed, forgotten, left]).toMatchObject([
    'proven',
    { rows: expect.any(Array) },
    { customers: 1 },
    [],
  ]);
});

const changes: Record<string, [change: (archive: Craft) => void, verified: string]> = {
  'a reference date that is a path': [({ manifest }) => (manifest.referenceDate = '../../../escaped'), 'bad-data'],
  'a name of a run that is a path': [
    (archive) => {
      archive.manifest.run = '../escaped';
      archive.list = (made) => ({ ...made, run: '../escaped' });
    },
    'bad-data',
  ],
  'a saved model elsewhere': [({ manifest }) => ((manifest.clusters as Json[])[0]!.file = '/etc/hostname'), 'bad-data'],
  'files of holdings elsewhere': [
    ({ manifest }) => ((manifest.extract as Json).holdingsFiles = ['../../../../etc/passwd']),
    'bad-data',
  ],
  'a format that is a path': [
    ({ manifest }) => (((manifest.config as Json).output as Json).formats = ['parquet', '/../../../escaped']),
    'config',
  ],
  'forged lists of a run with pushdown': [
    ({ manifest, files }) => {
      (manifest.extract as Json).inHive = true;
      files.set('recommendations.parquet', Buffer.from('forged'));
    },
    'pushdown',
  ],
  'forged lists, and erasures of no customer': [
    (archive) => {
      const content = Buffer.from('forged');
      const erased = recordOf('recommendations.parquet', content);
      archive.erasures = { version: 1, customers: 0, files: [erased] };
      archive.files.set('recommendations.parquet', content);
    },
    'erased',
  ],
  'erasures of a file that has no customers': [
    (archive) => (archive.erasures = { version: 1, customers: 1, files: [recordOf('choice.json', Buffer.from('{}'))] }),
    'bad-data',
  ],
  'a forged stage that depends on earlier runs': [
    ({ stages }) => (required(stages, 'stages/decide.json').key = '[["x",""]]'),
    'without',
  ],
  'a file in no record': [({ files }) => files.set('notes.txt', Buffer.from('hello')), 'others'],
  'a file listed twice': [
    (archive) => (archive.list = (made) => ({ ...made, entries: [...(made.entries as Json[]), (made.entries as Json[])[3]] })),
    'bad-data',
  ],
  'a record twice in the manifest': [
    ({ manifest }) => (manifest.files as Json[]).push((manifest.files as Json[])[0]!),
    'bad-data',
  ],
};

test.each(Object.keys(changes))('%s is not taken for proven, and writes nothing elsewhere', async (name) => {
  const [change, expected] = changes[name]!;
  const { verified, replayed, forgotten, left } = await outcomes(craft(change));
  expect(verdict(verified)).toMatch(new RegExp(`^${expected}`));
  expect([left, String(replayed), String(forgotten)]).toEqual([
    [],
    expect.not.stringMatching(/^bug/),
    expect.not.stringMatching(/^bug/),
  ]);
});

const hostile: readonly unknown[] = [
  ...['', '..', '../../x', '/etc/passwd', 'a\0b', 'x'.repeat(5000), '\ud800', '__proto__', '2022-02-30', '%s\u001b[2J'],
  ...[0, -1, 0.5, 1e308, 2 ** 53, null, true, [], {}, [[]], { toString: 1 }],
];

longTest('crafted archives never end in a bug, run on, or write elsewhere', async () => {
  const { next } = createRandom(cases(100) + 1);
  const below = (most: number) => Math.floor(next() * most);
  const someOf = <T>(list: readonly T[]): T => list[below(list.length)]!;
  /** Changes a value somewhere in a document; says where. */
  const changeIn = (document: unknown, place = ''): string => {
    const keys = Object.keys(document as object);
    const key = someOf(keys);
    const inner = (document as Json)[key];
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && next() < 0.85)
      return changeIn(inner, `${place}.${key}`);
    const value = someOf(hostile);
    if (next() < 0.1) delete (document as Json)[key];
    else if (Array.isArray(document) && next() < 0.3) document.push(structuredClone(inner));
    else (document as Json)[key] = value;
    return `${place}.${key} = ${JSON.stringify(value)?.slice(0, 40)}`;
  };
  for (let i = 0; i < cases(300, 20); i++) {
    let text = '';
    const bytes = craft((archive) => {
      const kind = below(6);
      if (kind === 0)
        archive.list = (made) => {
          text = `list${changeIn(made)}`;
          return made;
        };
      else if (kind === 1) {
        const [file, content] = someOf([...archive.files].filter(([name]) => !/^(stages|manifest)/.test(name)));
        const cut = Buffer.from(content.subarray(0, next() < 0.3 ? below(content.length) : content.length));
        for (let at = 0; at < 3 && cut.length > 0; at++) cut[below(cut.length)] = below(256);
        archive.files.set(file, cut);
        text = `bytes of ${file}`;
      } else if (kind === 2) {
        const [file, stage] = someOf([...archive.stages]);
        text = `${file}${changeIn(stage)}`;
      } else text = `manifest${changeIn(archive.manifest, '')}`;
    });
    const { verified, replayed, forgotten, left } = await outcomes(next() < 0.1 ? bytes.subarray(0, below(bytes.length)) : bytes);
    const bugs = [verified, replayed, forgotten].filter((said) => /^(bug|interrupted)/.test(String(said)));
    expect({ text, bugs, left }).toEqual({ text, bugs: [], left: [] });
  }
});
