import { join } from 'node:path';
import { describe } from 'vitest';
import { partyBank } from '../e2e/cli/strange-banks.ts';
import { useDatabase } from './fixtures/database.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { testInit } from './fixtures/init.ts';
import { loadTable } from './fixtures/load.ts';

const missing = whyNoServer();
const database = 'bw_init';

describe.skipIf(missing)(`a config for tables of HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useDatabase(database);
  testInit([['party', partyBank]], {
    load: (name, sql) => loadTable(bench.duckdb, bench.hive, name, sql, join(bench.folder, 'loaded')),
    place: () => ['--hive', `${bench.server.host}:${bench.server.port}/${database}`],
  });
});
