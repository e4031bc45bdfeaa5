// Runs of some campaigns and the tables on servers, which have the lists of all campaigns.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEntry, loadConfig, runJob, type Settings } from '@basketwise/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selectCampaigns } from '../../../packages/cli/src/select-campaigns.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';

const folder = mkdtempSync(join(tmpdir(), 'basketwise-select-'));
const variable = 'BASKETWISE_SELECT_POSTGRES';
let settings: Settings;
beforeAll(async () => {
  process.env[variable] = 'postgres://lists@127.0.0.1:1/bank';
  const config = smallBank(2).config.replace('output: {', `output: { postgres: { url_env: ${variable} },`);
  writeFileSync(join(folder, 'basketwise.yaml'), config);
  settings = await loadConfig(join(folder, 'basketwise.yaml'));
});
afterAll(() => {
  delete process.env[variable];
  rmSync(folder, { recursive: true });
});

test('a run of some campaigns publishes to no server', () => {
  const server = { hive: { table: 'lists.a' }, spark: { table: 'lists.b' } } as unknown as Settings['config']['output'];
  const { config } = settings;
  const all = { ...settings, config: { ...config, output: { ...config.output, ...server } } };
  const { hive, spark, postgres } = selectCampaigns(all, ['campaign:deposit*']).config.output;
  expect([hive, spark, postgres]).toEqual([undefined, undefined, undefined]);
});

test('no run changes a server while publication is stopped', async () => {
  mkdirSync(join(folder, 'out'));
  await appendEntry(join(folder, 'out'), { who: 'user:operator', what: 'stop', because: 'prices' });
  await expect(runJob(settings, { aside: true })).rejects.toThrow('publication is stopped');
});
