import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobOptions, loadConfig, type RunReport, rollback, runJob } from '@basketwise/pipeline';
import { beforeEach, expect, test } from 'vitest';
import { selectCampaigns } from '../../packages/cli/src/select-campaigns.ts';
import { longTest } from '../cases.ts';
import { smallBank, testBank } from '../e2e/pipeline/small-bank.ts';

const bank = smallBank(300);
const config = `${bank.config
  .replace('model: { factors', 'model: { kind: als, factors')
  .replace('[csv, parquet] }', '[parquet], report: false, keep: 9 }')
  .replace('guards:', '  contacts: { from: contacts.csv, customer: customer, what: what, when: day }\nguards:')
  .replace('workers: 2\n', '')}workers: 1
evaluate: { gap: 0 days }
offers:
  value: { classes: { deposit: 10, insurance: 25 } }
  capacity: { calls: { most: 60 } }
  contacts: { rest: { offer: 90 days } }
  control: { share: 0.3, salt: spring }
`;
const tonight = '2022-08-31';

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank({ ...bank, config, files: { 'contacts.csv': 'customer,what,day\n' } }));
});

const out = (...path: string[]) => join(folder, 'out', ...path);

/** Runs the job as of a date, with some of the config's text replaced. */
async function run(
  referenceDate: string,
  change: readonly [string, string] = ['', ''],
  options: JobOptions = {},
): Promise<RunReport> {
  await writeFile(join(folder, 'run.yaml'), config.replace(...change));
  const settings = await loadConfig(join(folder, 'run.yaml'));
  const selected = options.aside ? selectCampaigns(settings, ['campaign:deposit*']) : settings;
  return await runJob(selected, { acceptDrop: true, ...options, referenceDate });
}

const shorter: [string, string] = ['top_n: 3', 'top_n: 2'];
const fewer = (keep: number): [string, string] => ['keep: 9', `keep: ${keep}`];
const readOut = ({ outcomes }: RunReport) => outcomes!.runs.map(({ run: name }) => name);

test('the read-out reads the run of a date that was latest: none by its name, of some campaigns alone, or rolled back from', async () => {
  const changes = [undefined, shorter] as const;
  const made = [await run('2022-06-30'), await run('2022-06-30', shorter)];
  // the one whose name comes first is published last
  const [first, last] = made.map(({ run: name }, i) => ({ name, i })).sort((a, b) => (a.name < b.name ? -1 : 1));
  await run('2022-06-30', changes[first!.i]);
  const other = await run('2022-07-15');
  const aside = await run('2022-07-10', undefined, { aside: true });
  expect(JSON.parse(await readFile(join(aside.folder, 'manifest.json'), 'utf8'))).toMatchObject({ aside: true });
  expect(readOut(await run(tonight))).toEqual([first!.name, other.run]);
  await rollback(out(), last!.name);
  expect(readOut(await run(tonight))).toEqual([last!.name]);
});

longTest('runs of some campaigns alone push no night out, and none is rolled back to', async () => {
  const before = await run('2022-07-31', fewer(2));
  const aside = [await run(tonight, fewer(2), { aside: true }), await run('2022-08-30', fewer(2), { aside: true })];
  const night = await run(tonight, fewer(2));
  expect((await readdir(out('runs'))).sort()).toEqual([before, ...aside, night].map(({ run: name }) => name).sort());
  await expect(rollback(out(), aside[0]!.run)).rejects.toMatchObject({ code: 'usage' });
  // all campaigns, selected one by one, are no night, either
  const settings = selectCampaigns(await loadConfig(join(folder, 'run.yaml')), ['campaign:*']);
  expect((await runJob(settings, { aside: true, referenceDate: tonight })).run).not.toBe(night.run);
});

longTest('a night that goes by `keep` is no reason to do a later one again', async () => {
  await run('2022-07-01', fewer(1));
  await run(tonight, fewer(1));
  expect((await readdir(out('runs'))).length).toBe(1);
  const again = await run(tonight, fewer(1));
  expect(again.stages.every(({ status }) => status === 'skipped')).toBe(true);
});
