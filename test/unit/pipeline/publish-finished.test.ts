// Rows of servers after a publication that fails, or of runs with and without offers. The server is in memory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, type PlainDate } from '@basketwise/core';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { loadConfig, type Settings } from '../../../packages/pipeline/src/config/load.ts';
import type { ResultTarget } from '../../../packages/pipeline/src/stages/engine-module.ts';
import { withRun } from '../../../packages/pipeline/src/stages/finished-rows.ts';
import { followPublished, publishFinished } from '../../../packages/pipeline/src/stages/publish-finished.ts';
import { publications } from '../../../packages/pipeline/src/stages/publish-to.ts';
import type { Night } from '../../../packages/pipeline/src/stages/stage.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';
import { writeMadeRun } from '../../property/audit/made-run.ts';

/** Rows by table and date: the run that they are of; none without rows. */
const tables = { lists: new Map<string, string>(), offers: new Map<string, string>() };
const state = { failsAt: '' };
const target: ResultTarget = {
  place: 'memory',
  inputs: {},
  async publish({ context }) {
    const { folder, withdraws, referenceDate, settings } = context;
    for (const [name, table] of Object.entries(tables)) {
      if (name === 'offers' && settings.config.offers === undefined) continue;
      table.delete(referenceDate);
      if (state.failsAt === name) throw new AppError('unreachable', 'the server is down', 'Start it.');
      if (!withdraws) table.set(referenceDate, folder.name);
    }
    return [];
  },
};
// files of a worker share modules: those loaded before do not have the mock, and those after must not have it
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());
vi.mock('../../../packages/pipeline/src/stages/load-engine.ts', () => ({ loadTarget: async () => target }));

const home = mkdtempSync(join(tmpdir(), 'basketwise-servers-'));
afterAll(() => rmSync(home, { recursive: true }));
let settings: Settings;
let output: string;
beforeEach(async () => {
  const folder = mkdtempSync(join(home, 'bank-'));
  output = join(folder, 'out');
  const config = smallBank(2).config.replace('output: {', 'output: { postgres: { url_env: X },');
  writeFileSync(join(folder, 'basketwise.yaml'), config);
  settings = await loadConfig(join(folder, 'basketwise.yaml'));
  for (const table of Object.values(tables)) table.clear();
  state.failsAt = '';
});

const { signal } = new AbortController();
const made = (date: string, identity: string, config: object = {}) => writeMadeRun(output, date, identity, identity, config);
const publish = (run: string) => publishFinished(settings, run, signal);
const dated = (run: string) => ({ run, date: run.slice(0, 10) as PlainDate });
const follow = (runs: readonly string[], since = '', check: (run: string) => Promise<void> = async () => {}) =>
  followPublished(settings, { runs: runs.map(dated), since, check }, signal);
const rows = () => [...tables.lists.values()];

test('rows of a date that a failed publication left are replaced by the next one, though the run is the same', async () => {
  const [good, bad] = [made('2022-08-31', 'good'), made('2022-08-31', 'bad')];
  await publish(bad);
  state.failsAt = 'lists';
  await expect(follow([good])).rejects.toThrow('the server is down');
  tables.lists.set('2022-08-31', bad);
  state.failsAt = '';
  await follow([good]);
  expect(rows()).toEqual([good]);
  expect(await follow([good])).toEqual([]);
});

test('offers of a date go with the run that they are of, also where the next one has none', async () => {
  const offers = { offers: {} };
  const [with_, without] = [made('2022-08-31', 'with', offers), made('2022-08-31', 'without')];
  await publish(with_);
  expect([...tables.offers.values()]).toEqual([with_]);
  await publish(without);
  expect([rows(), tables.offers.size]).toEqual([[without], 0]);
  await publish(with_);
  await follow([without]);
  expect([rows(), tables.offers.size]).toEqual([[without], 0]);
  await publish(with_);
  rmSync(join(output, 'runs', with_), { recursive: true });
  made('2022-07-31', 'other', offers);
  await follow([]);
  expect([rows(), tables.offers.size]).toEqual([[], 0]);
});

test('offers of a date go when its stage publishes a run without offers', async () => {
  const [with_, without] = [made('2022-08-31', 'with', { offers: {} }), made('2022-08-31', 'without')];
  await publish(with_);
  const stage = publications.find(({ name }) => name === 'publish-postgres')!;
  const options = { date: '2022-08-31' as PlainDate, withdraws: false, signal };
  await withRun(settings, without, options, (night) => stage.work(night as Night, {} as Parameters<typeof stage.work>[1], ''));
  expect([rows(), tables.offers.size]).toEqual([[without], 0]);
});

test('a run that may not be published again has no rows, and rows older than the record stay', async () => {
  const [old, first, second] = [made('2020-01-31', 'old'), made('2022-08-31', 'first'), made('2022-08-31', 'second')];
  for (const run of [old, second]) await publish(run);
  const check = async () => {
    throw new AppError('bad-data', 'recommendations.csv differs', 'Restore it.');
  };
  const changes = await follow([first], '2021-01-01', check);
  expect(changes).toEqual([{ target: 'postgres', date: '2022-08-31', run: null, problem: 'recommendations.csv differs' }]);
  expect(rows()).toEqual([old]);
});
