import { describe } from 'vitest';
import { whyNoServer } from './fixtures/hive-server.ts';
import { pushdownTests } from './fixtures/pushdown.ts';

const missing = whyNoServer();

describe.skipIf(missing)(`pushdown into HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  pushdownTests({ engine: 'hive', customers: 4_000 });
});
