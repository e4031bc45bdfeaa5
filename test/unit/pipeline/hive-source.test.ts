import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { expect, test } from 'vitest';

test('tables of another server are other tables: a run of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-source-'));
  const file = join(folder, 'basketwise.yaml');
  const runAt = async (host: string, port: number): Promise<unknown> => {
    const hive = `hive: { host: ${host}, port: ${port}, auth: nosasl, database: mart, connect_timeout: 1s }`;
    writeFileSync(file, sampleConfig({ path: './data' }).replace('engine: duckdb', `engine: hive\n  ${hive}`));
    return await runJob(await loadConfig(file)).catch((error: unknown) => error);
  };
  // no server listens there
  for (const [host, port] of [
    ['127.0.0.1', 1],
    ['127.0.0.1', 1],
    ['localhost', 1],
    ['127.0.0.1', 2],
  ] as const) {
    expect(await runAt(host, port)).toMatchObject({ code: 'unreachable' });
  }
  expect(readdirSync(join(folder, 'out', 'runs'))).toHaveLength(3);
  rmSync(folder, { recursive: true });
});
