import { readFileSync, writeFileSync } from 'node:fs';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dryRun, dryRunText } from '@basketwise/insight';
import { latestRun, loadConfig, type RunReport, runJob } from '@basketwise/pipeline';
import { beforeEach, expect, test } from 'vitest';
import { longTest, some } from '../../cases.ts';
import { made } from './made.ts';
import { smallBank, testBank } from './small-bank.ts';

const bank = smallBank(150);
const config = bank.config
  .replace('insurance-cross: { kind: cross, ', 'insurance-cross: { kind: cross, by_cluster: age, ')
  .replace('model: { factors', 'model: { kind: als, factors')
  .concat(
    'clusters:\n  age: { k: 3, numeric: [age], starts: 1 }\n',
    'segments:\n  age: { column: age, bands: [{ label: young, to: 40 }, { label: old, from: 40 }] }\n',
    'evaluate: { window: 2 years, gap: 0 days, bootstrap: 100 }\n',
  );

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank({ ...bank, config }));
});

const path = (...names: string[]) => join(folder, ...names);
const run = async (stages = {}) => runJob(await loadConfig(path('basketwise.yaml')), { stages });

function change(edit: (text: string) => string): void {
  const before = readFileSync(path('basketwise.yaml'), 'utf8');
  const after = edit(before);
  expect(after).not.toBe(before);
  writeFileSync(path('basketwise.yaml'), after);
}

const replace = (from: string, to: string) => (text: string) => text.replace(from, to);
const add = (more: string) => (text: string) => `${text}${more}`;

/** Names of the stages that a run did, and did not take from another. */
const done = ({ stages }: RunReport) => stages.filter(({ status }) => status === 'done').map(({ name }) => name);

/** Plan of a run for each stage. */
const plan = async () => (await dryRun(await loadConfig(path('basketwise.yaml')))).stages.map(({ name, would }) => [name, would]);

/** The same run where nothing was before. */
async function fromNothing(): Promise<RunReport> {
  const text = readFileSync(path('basketwise.yaml'), 'utf8');
  writeFileSync(path('fresh.yaml'), text.replace('output: { ', 'output: { dir: fresh, '));
  return runJob(await loadConfig(path('fresh.yaml')));
}

const learned = replace(
  'model: { kind: als, factors: 4, regularization: 1, alpha: 10, iterations: 5 }',
  'model: { kind: automatic }',
);
const trainings = ['train-deposit-upsell', 'train-insurance-cross'];

/** The table of docs/operations.md, row by row: what is changed, and the stages that are done. */
const changes: [string, (text: string) => string, readonly string[], ((text: string) => string)?][] = [
  ['top_n', replace('top_n: 3', 'top_n: 5'), ['calibrate', 'publish', 'report']],
  [
    'a rule of all',
    replace('rules:\n', 'rules:\n  - { reason: TOO_YOUNG, require: "age >= 25" }\n'),
    ['extract', ...trainings, 'publish', 'report'],
  ],
  [
    'a rule of one class',
    replace('rules:\n', 'rules:\n  - { reason: TOO_OLD, class: insurance, require: "age < 70" }\n'),
    ['extract', 'train-insurance-cross', 'publish', 'report'],
  ],
  [
    'another campaign',
    replace('campaigns:\n', 'campaigns:\n  deposit-cross: { kind: cross, class: deposit, columns: [deposit, insurance] }\n'),
    ['train-deposit-cross', 'calibrate', 'publish', 'report'],
  ],
  [
    'the columns of a campaign',
    replace('kind: upsell, class: deposit', 'kind: upsell, class: deposit, columns: [deposit, insurance]'),
    ['train-deposit-upsell', 'calibrate', 'publish', 'report'],
  ],
  ['a band of a segment', (text) => text.replaceAll('40', '45'), ['segment', 'report']],
  [
    'a segment of a new column',
    replace('segments:\n', 'segments:\n  more: { flags: [is_old] }\n'),
    ['extract', 'segment', 'report'],
    (text) => text.replace('segments:\n', 'derive: { is_old: "age > 50" }\nsegments:\n'),
  ],
  ['the number of clusters', replace('k: 3', 'k: 2'), ['cluster', 'train-insurance-cross', 'calibrate', 'publish', 'report']],
  ['a parameter of all models', replace('factors: 4', 'factors: 3'), [...trainings, 'calibrate', 'publish', 'report']],
  [
    'a feature',
    add('features:\n  age: { column: age, bands: [40], fixed: true }\n'),
    ['extract', 'features', 'choose', ...trainings, 'calibrate', 'publish', 'report'],
    learned,
  ],
  [
    'a capacity of the offers',
    replace('most: 50', 'most: 40'),
    ['decide', 'outcomes', 'report'],
    add('offers: { value: 10, capacity: { all: { most: 50 } } }\n'),
  ],
];

test.each(some(changes, 1))(
  '%s: what is done again is what depends on it, and the bytes are those of a run from nothing',
  async (_, edit, stages, first) => {
    if (first) change(first);
    const before = await run();
    change(edit);
    const planned = await plan();
    const after = await run();
    expect(done(after)).toEqual(stages);
    expect(planned).toEqual(after.stages.map(({ name, status }) => [name, status]));
    const taken = after.stages.filter(({ status }) => status === 'taken');
    expect(taken.length).toBe(after.stages.length - stages.length);
    for (const { from } of taken) expect(from).toBe(before.run);
    expect(after.run).not.toBe(before.run);
    expect(await latestRun(path('out'))).toBe(after.run);
    expect(await made(after)).toEqual(await made(await fromNothing()));
    const again = await run();
    expect(again.run).toBe(after.run);
    expect(again.stages.every(({ status }) => status === 'skipped')).toBe(true);
  },
);

longTest(
  'holdings are not joined again for what is wanted of customers: the file is that of the run before, under both names',
  async () => {
    const before = await run();
    change(replace('rules:\n', 'rules:\n  - { reason: TOO_YOUNG, require: "age >= 25" }\n'));
    const after = await run();
    const inode = async ({ folder: of }: RunReport, file: string) => (await stat(join(of, 'snapshot', file))).ino;
    expect(await inode(after, 'holdings.parquet')).toBe(await inode(before, 'holdings.parquet'));
    expect(await inode(after, 'customers.parquet')).not.toBe(await inode(before, 'customers.parquet'));
  },
);

longTest('a damaged file of the other run is not taken, and changed data is read', async () => {
  const before = await run();
  await appendFile(join(before.folder, 'snapshot', 'holdings.parquet'), 'x');
  change(replace('top_n: 3', 'top_n: 4'));
  const after = await run();
  expect(done(after)[0]).toBe('extract');
  expect(await made(after)).toEqual(await made(await fromNothing()));
  await writeFile(path('holdings.csv'), `${bank.holdings}0001,연금보험,2022-01-15\n`);
  const third = await run();
  expect(done(third)[0]).toBe('extract');
  expect(third.stages.some(({ name, status }) => name.startsWith('train') && status === 'taken')).toBe(false);
});

longTest('a stage that is to be done again is not taken', async () => {
  await run();
  change(replace('top_n: 3', 'top_n: 4'));
  const after = await run({ from: 'cluster' });
  expect(done(after)).toEqual(['cluster', ...trainings, 'calibrate', 'publish', 'report']);
});

test('a class that no product has is refused, also after an earlier extraction', async () => {
  await run();
  change(replace('campaigns:\n', 'campaigns:\n  loan-cross: { kind: cross, class: loan, columns: [loan, deposit] }\n'));
  await expect(run()).rejects.toThrow('campaigns.loan-cross: no product is of class `loan`');
});

longTest('drift is measured against the night before, not against the same night with another config', async () => {
  const settings = await loadConfig(path('basketwise.yaml'));
  const night = await runJob(settings, { referenceDate: '2022-07-31' });
  const first = await run();
  change(replace('top_n: 3', 'top_n: 4'));
  const second = await run();
  for (const { folder: of } of [first, second]) {
    expect(JSON.parse(await readFile(join(of, 'run.json'), 'utf8')).previous).toBe(night.run);
  }
  expect(second.segments).toEqual(first.segments);
});

test('a dry run says what would be done, and why', async () => {
  const settings = () => loadConfig(path('basketwise.yaml'));
  expect(dryRunText(await dryRun(await settings()))).toContain('extract: done, as no other run has what it is made of');
  const before = await run();
  expect(dryRunText(await dryRun(await settings()))).toContain('publish: skipped, as this run has done it');
  change(replace('top_n: 3', 'top_n: 5'));
  const text = dryRunText(await dryRun(await settings()));
  expect(text).toContain(`extract: taken from ${before.run}\n`);
  expect(text).toContain(`publish: done, as other than in ${before.run}: top_n\n`);
  expect(text).toContain('report: done');
});
