import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '@basketwise/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import type { HiveSettings } from '../../packages/hive/src/server/settings.ts';
import { basketwiseIn } from '../hive/fixtures/command.ts';
import { onPath } from '../hive/fixtures/hive-server.ts';
import { sampleOnServer } from '../hive/fixtures/sample-on-server.ts';
import { rows, settingsFor } from '../hive/fixtures/settings.ts';
import { keepTalkOf } from '../privacy/talk.ts';
import { running, type SparkServer, startServer, whyNoServer } from './fixtures/spark-server.ts';

function whyNoLogin(): string | undefined {
  if (running !== undefined) return 'it needs a server of its own';
  return whyNoServer() ?? (onPath('javac') ? undefined : 'javac not on the PATH');
}

const missing = whyNoLogin();

describe.skipIf(missing)(`Spark Thrift Server that wants a password${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let server: SparkServer;

  beforeAll(async () => {
    server = await startServer({ auth: 'CUSTOM' });
  });
  afterAll(async () => {
    await server?.stop();
  });

  const asked = async (changes: Partial<HiveSettings>): Promise<unknown> => {
    const engine = new HiveEngine(settingsFor(server, { engine: 'spark', connectTimeout: 90_000, ...changes }));
    const answer = await rows(engine, 'SELECT 1 AS one').catch((error: Error) => error);
    await engine.close();
    return answer;
  };

  it('a wrong one: 77, and it is not named; the right one is let in', async () => {
    const failure = (await asked({ auth: 'ldap', password: 'guess-1234' })) as AppError;
    expect(failure).toMatchObject({ code: 'not-permitted', hint: expect.stringContaining('source.spark.password_env') });
    expect(failure.message).toContain(`Spark at 127.0.0.1:${server.port} refused user "hive"`);
    expect(JSON.stringify([failure.message, failure.hint, String(failure.cause)])).not.toContain('guess-1234');
    expect(await asked({ auth: 'ldap', password: 'secret' })).toEqual([{ one: 1 }]);
  });

  it('auth none logs in where it is asked to; nosasl says what is wanted: 69', async () => {
    expect(await asked({ auth: 'none', password: 'secret' })).toEqual([{ one: 1 }]);
    expect(await asked({ auth: 'none', password: 'guess-1234' })).toMatchObject({ code: 'not-permitted' });
    const message = expect.stringContaining('requires a login by SASL');
    expect(await asked({ auth: 'nosasl' })).toMatchObject({ code: 'unreachable', message });
  });

  it('a run ends with 77', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'basketwise-spark-login-'));
    const login = 'auth: ldap, user: hive, password_env: BASKETWISE_TEST_PASSWORD, connect_timeout: 90s';
    const source = `engine: spark\n  spark: { host: 127.0.0.1, port: ${server.port}, ${login} }`;
    const file = join(folder, 'basketwise.yaml');
    writeFileSync(file, sampleOnServer(source, { model: 'als', path: './data', output: './out' }));
    const { code, stderr } = await basketwiseIn({ BASKETWISE_TEST_PASSWORD: 'guess-1234' }, 'run', '-c', file);
    expect(code).toBe(77);
    expect(stderr).toContain('refused user "hive"');
    expect(stderr).not.toContain('guess-1234');
    keepTalkOf(folder);
    rmSync(folder, { recursive: true });
  });
});
