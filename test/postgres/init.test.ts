import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { loadConfig } from '@basketwise/pipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientBank, kundenBank, partyBank, type Tables, writeTables } from '../e2e/cli/strange-banks.ts';
import { basketwise } from '../hive/fixtures/command.ts';
import { keepTalkOf } from '../privacy/talk.ts';
import { loadTable } from './fixtures/load.ts';
import { type PostgresServer, startServer, whyNoServer } from './fixtures/postgres-server.ts';

const missing = whyNoServer();
const variable = 'BASKETWISE_TEST_POSTGRES_INIT';
const banks: readonly [string, () => Tables][] = [
  ['client', clientBank],
  ['kunden', kundenBank],
  ['party', partyBank],
];

describe.skipIf(missing)(`a config for tables of PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-pg-init-'));
  let server: PostgresServer;
  let duckdb: DuckdbEngine;
  beforeAll(async () => {
    server = await startServer();
    process.env[variable] = server.url();
    duckdb = await openDuckdb({ memory: '500MB', threads: 2, tempDirectory: join(folder, 'spill') });
  });
  afterAll(async () => {
    delete process.env[variable];
    await duckdb?.close();
    await server?.stop();
    keepTalkOf(folder);
    rmSync(folder, { recursive: true });
  });

  it.each(banks)(
    'of the %s bank finds what it finds in files, and the run makes the same lists of it with nothing edited',
    async (name, tables) => {
      const bank = await writeTables(tables());
      const files = readdirSync(join(bank.folder, 'data'));
      const names = files.map((file) => file.replace(/\..*/, ''));
      for (const [i, file] of files.entries())
        await loadTable(duckdb, server, names[i]!, `SELECT * FROM '${join(bank.folder, 'data', file)}'`, folder);
      const configs = ['files', 'server'].map((where) => join(bank.folder, where, 'basketwise.yaml')) as [string, string];
      for (const config of configs) mkdirSync(dirname(config));
      const [fromFiles, fromServer] = [
        await basketwise('init', join(bank.folder, 'data'), '--out', configs[0], '--json'),
        await basketwise('init', '--postgres', variable, '--tables', names.join(), '--out', configs[1], '--json'),
      ];
      expect([fromFiles.code, fromServer.code]).toEqual([0, 0]);
      const { config } = await loadConfig(configs[1]);
      expect(config.source).toMatchObject({ engine: 'postgres', postgres: { url_env: variable } });
      const keys = (text: string) => text.replaceAll(/\.(csv|parquet)\b/g, '');
      for (const key of ['customers', 'products', 'holdings', 'referenceDate'])
        expect([name, key, JSON.parse(fromServer.stdout)[key]]).toEqual([name, key, JSON.parse(keys(fromFiles.stdout))[key]]);
      const lists: string[] = [];
      for (const config of configs) {
        const { code, stderr } = await basketwise('run', '-c', config);
        expect([config, code, code === 0 ? '' : stderr]).toEqual([config, 0, '']);
        lists.push(readFileSync(join(dirname(config), 'out/latest/recommendations.csv'), 'utf8'));
      }
      expect(lists[0]!.split('\n').length).toBeGreaterThan(100);
      expect(lists[1] === lists[0]).toBe(true);
      await bank.remove();
    },
    180_000,
  );

  it('refuses two banks at once, and a user beside an address that has one', async () => {
    for (const [args, code] of [
      [['data', '--postgres', variable], 64],
      [['--postgres', variable, '--user', 'me'], 64],
      [['--schema', 'bank'], 64],
      [['--postgres', 'NOT_SET_ANYWHERE'], 77],
    ] as const)
      expect([args, (await basketwise('init', ...args, '--out', join(folder, 'none.yaml'))).code]).toEqual([args, code]);
  });
});
