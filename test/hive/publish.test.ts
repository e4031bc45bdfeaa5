import { describe } from 'vitest';
import { whyNoServer } from './fixtures/hive-server.ts';
import { publishingTests } from './fixtures/publishing.ts';

const missing = whyNoServer();

describe.skipIf(missing)(`publishing to HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  publishingTests();
});
