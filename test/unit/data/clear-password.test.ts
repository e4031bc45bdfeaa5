// 0.0.0.0 reaches this machine, but does not say so: it stands for another one.
import net from 'node:net';
import type { PostgresSettings } from '@basketwise/data';
import { expect, test } from 'vitest';
import { HiveEngine } from '../../../packages/hive/src/server/engine.ts';
import { hiveStatementFailure } from '../../../packages/hive/src/server/failure.ts';
import { PostgresConnection } from '../../../packages/postgres/src/connection.ts';
import { rows } from '../../hive/fixtures/settings.ts';
import { startFakeHive } from './fake-hive.ts';

const password = 'correct:horse/9';
const base64 = Buffer.from(`batch:${password}`).toString('base64');

/** A message of PostgreSQL's protocol. */
const message = (kind: string, content: Buffer) => Buffer.concat([Buffer.from(kind), int32(content.length + 4), content]);
const int32 = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);

/** Outcome of a login to a server that asks for the password in clear text and then refuses it, repeating it; and what the server heard. */
async function login(host: string, more: Partial<PostgresSettings> = {}) {
  let heard = '';
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      const text = `SFATAL\0C28P01\0Mno ${password}, ${encodeURIComponent(password)}, ${base64}\0\0`;
      socket.write(bytes[0] === 0x70 ? message('E', Buffer.from(text)) : message('R', int32(3)));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as net.AddressInfo;
  const settings = { host, port, database: 'bank', user: 'batch', password, connectTimeout: 5_000, statementTimeout: 5_000 };
  const error = await PostgresConnection.open({ ...settings, ...more }).catch((reason) => reason);
  await new Promise((done) => server.close(done));
  return { error, heard };
}

test('PostgreSQL: a password goes in clear text to another machine only if the config says so', async () => {
  const { error, heard } = await login('0.0.0.0');
  expect(error).toMatchObject({ code: 'not-permitted', message: expect.stringContaining('was not sent') });
  expect(heard).toContain('batch');
  expect(heard).not.toContain(password);
  for (const allowed of [await login('0.0.0.0', { unencryptedLogin: true }), await login('127.0.0.1')]) {
    expect(allowed.heard).toContain(password);
    expect(allowed.error.message).toMatch(/: no …, …, …$/);
    expect(allowed.error.code).toBe('not-permitted');
  }
});

test.each(['plain', 'http', 'nosasl'] as const)('Hive and Spark, %s: likewise, before anything is said', async (way) => {
  const server = await startFakeHive(way);
  const query = async (more: { host: string; unencryptedLogin?: boolean }) => {
    const engine = new HiveEngine({
      ...{ port: server.port, database: 'default', user: 'batch', password, connectTimeout: 2_000, statementTimeout: 2_000 },
      ...(way === 'http' ? { auth: 'plain', transport: 'http' } : { auth: way, transport: 'binary' }),
      ...more,
    });
    return await rows(engine, 'SELECT name FROM facts')
      .catch((error: Error) => error)
      .finally(() => engine.close());
  };
  expect(await query({ host: '0.0.0.0' })).toMatchObject({ code: 'not-permitted' });
  expect(server.sent()).toBe(0);
  expect(await query({ host: '0.0.0.0', unencryptedLogin: true })).toHaveLength(3);
  expect(await query({ host: '127.0.0.1' })).toHaveLength(3);
  await server.close();
});

test('Hive: an error that repeats the password is redacted', () => {
  const settings = { host: 'h', port: 1, database: 'd', user: 'batch', password } as HiveEngine['settings'];
  const failure = hiveStatementFailure(settings, 'SELECT 1', {
    errorCode: 40000,
    errorMessage: `ParseException ${password} ${base64}`,
  });
  expect(failure.message).toMatch(/ParseException … …$/);
});
