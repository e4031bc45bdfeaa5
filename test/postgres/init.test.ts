import { join } from 'node:path';
import { loadConfig } from '@basketwise/pipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientBank, kundenBank, partyBank } from '../e2e/cli/strange-banks.ts';
import { basketwise } from '../hive/fixtures/command.ts';
import { testInit } from '../hive/fixtures/init.ts';
import { loadTable } from './fixtures/load.ts';
import { whyNoServer } from './fixtures/postgres-server.ts';
import { useServer } from './fixtures/server.ts';

const missing = whyNoServer();
const variable = 'BASKETWISE_TEST_POSTGRES_INIT';

describe.skipIf(missing)(`a config for tables of PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useServer('init');
  beforeAll(() => {
    process.env[variable] = bench.server.url();
  });
  afterAll(() => {
    delete process.env[variable];
  });

  testInit(
    [
      ['client', clientBank],
      ['kunden', kundenBank],
      ['party', partyBank],
    ],
    {
      load: (name, sql) => loadTable(bench.duckdb, bench.server, name, sql, bench.folder),
      place: () => ['--postgres', variable],
      check: async (file) => {
        const { config } = await loadConfig(file);
        expect(config.source).toMatchObject({ engine: 'postgres', postgres: { url_env: variable } });
      },
    },
  );

  it('refuses two banks at once, and a user beside an address that has one', async () => {
    for (const [args, code] of [
      [['data', '--postgres', variable], 64],
      [['--postgres', variable, '--user', 'me'], 64],
      [['--schema', 'bank'], 64],
      [['--postgres', 'NOT_SET_ANYWHERE'], 77],
    ] as const)
      expect([args, (await basketwise('init', ...args, '--out', join(bench.folder, 'none.yaml'))).code]).toEqual([args, code]);
  });
});
