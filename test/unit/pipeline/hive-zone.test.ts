import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, runWorkTables } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { afterAll, expect, test } from 'vitest';
import { hiveSettings } from '../../../packages/hive/src/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'basketwise-zone-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function settingsOf(zone: string | undefined, session = '') {
  const file = join(folder, 'basketwise.yaml');
  const hive = `hive: { host: hive.bank.example, database: mart, work_tables: { schema: work }${session} }`;
  const source = `engine: hive\n  ${hive}${zone === undefined ? '' : `\n  time_zone: ${zone}`}`;
  writeFileSync(file, sampleConfig({ path: './data', model: 'als' }).replace('engine: duckdb', source));
  return await loadConfig(file);
}

test('the zone of the config is the session’s, over its own setting', async () => {
  const session = ", session: { hive.local.time.zone: 'Europe/Paris' }";
  const zoneOf = async (zone?: string) =>
    hiveSettings((await settingsOf(zone, session)).config.source, String, {}).session?.['hive.local.time.zone'];
  expect(await zoneOf('Asia/Seoul')).toBe('Asia/Seoul');
  expect(await zoneOf()).toBe('Europe/Paris');
});

test('work tables that were made in another zone are others', async () => {
  const planned = async (zone?: string) => JSON.stringify(await runWorkTables(await settingsOf(zone), 'plan'));
  const plans = [await planned(), await planned(), await planned('Asia/Seoul'), await planned('UTC')];
  expect(plans[0]).toBe(plans[1]);
  expect(new Set(plans).size).toBe(3);
});
