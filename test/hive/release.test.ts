import { describe } from 'vitest';
import { whyNoServer } from './fixtures/hive-server.ts';
import { releaseTests } from './fixtures/releases.ts';

const missing = whyNoServer();

describe.skipIf(missing)(`releases to HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  releaseTests({ engine: 'hive' });
});
