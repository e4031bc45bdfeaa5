import { describe } from 'vitest';
import { failureTests } from './fixtures/failing-commands.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { rowsOf } from './fixtures/settings.ts';

const missing = whyNoServer();

describe.skipIf(missing)(`commands that fail with HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  // it sleeps: a job of local Tez or map-reduce that is cancelled goes on, and a join would take a processor until the server ends
  const second = "reflect('java.lang.Thread', 'sleep', CAST(1000 AS bigint))";
  failureTests({ engine: 'hive', endless: `SELECT count(${second}) AS n FROM ${rowsOf(120, 'a')}` });
});
