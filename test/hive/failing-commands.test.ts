import { describe } from 'vitest';
import { failureTests } from './fixtures/failing-commands.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { rowsOf } from './fixtures/settings.ts';

const missing = whyNoServer();

describe.skipIf(missing)(`commands that fail with HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const many = `${rowsOf(3000, 'a')} CROSS JOIN ${rowsOf(3000, 'b')} CROSS JOIN ${rowsOf(3000, 'c')}`;
  failureTests({ engine: 'hive', endless: `SELECT count(DISTINCT hash(a.v, b.v, c.v)) AS n FROM ${many}` });
});
