import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '@basketwise/core';
import type { TlsSettings } from '@basketwise/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HiveEngine } from '../../../packages/hive/src/server/engine.ts';
import { type Authority, makeAuthority } from '../../tls/authority.ts';
import { type Front, openFront } from '../../tls/front.ts';
import { result, startFakeHive, type Way } from './fake-hive.ts';

const folder = mkdtempSync(join(tmpdir(), 'basketwise-tls-'));
const password = 'correct-horse-9';
let bank: Authority;

beforeAll(async () => {
  bank = await makeAuthority();
  writeFileSync(join(folder, 'ca.pem'), bank.ca);
  writeFileSync(join(folder, 'other.pem'), (await makeAuthority()).ca);
  writeFileSync(join(folder, 'empty.pem'), 'no certificate\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Trial {
  tls?: TlsSettings;
  host?: string;
  /** Host that the server's certificate names, and days of its validity from now. */
  certificate?: { name: string; days?: number };
}

/** Outcome of a query at a server behind TLS: its names, or its error; and the bytes heard on the way. */
async function trial(way: Way, { tls, host = '127.0.0.1', certificate = { name: '127.0.0.1' } }: Trial) {
  const server = await startFakeHive(way);
  const front: Front = await openFront(server.port, await bank.sign(certificate.name, certificate.days));
  const engine = new HiveEngine({
    ...{ host, port: front.port, database: 'default', user: 'batch', password, tls },
    ...{ connectTimeout: 2_000, statementTimeout: 2_000 },
    ...(way === 'http' ? { auth: 'plain', transport: 'http' } : { auth: way, transport: 'binary' }),
  });
  const names: unknown[] = [];
  try {
    for await (const { columns } of engine.query('SELECT name FROM facts')) names.push(...(columns.name as readonly string[]));
    return { names, front, connections: server.sent() };
  } catch (error) {
    return { error: error as AppError, front, connections: server.sent() };
  } finally {
    await engine.close();
    await front.close();
    await server.close();
  }
}

const believed = (file = 'ca.pem'): TlsSettings => ({ ca: join(folder, file), verify: true });
const carries = (bytes: Buffer): boolean =>
  bytes.includes(password) ||
  bytes.includes(Buffer.from(`batch:${password}`).toString('base64')) ||
  bytes.includes(Buffer.from(password).toString('base64'));

describe.each<Way>(['plain', 'http', 'nosasl'])('HiveServer2 behind TLS, %s', (way) => {
  it('rows come, and the password is nowhere on the wire', async () => {
    const { names, error, front } = await trial(way, { tls: believed() });
    expect(error).toBeUndefined();
    expect(names).toEqual(result.columns.name);
    // the server has heard it
    expect(carries(front.said())).toBe(true);
    expect(front.wire().length).toBeGreaterThan(front.said().length);
    expect(carries(front.wire())).toBe(false);
  });

  it.each<[string, Trial, RegExp]>([
    ['an unknown authority', { tls: { verify: true } }, /unable to verify|unable to get|self.signed/i],
    ['another authority', { tls: { ca: join(folder, 'other.pem'), verify: true } }, /unable to verify|unable to get|signature/i],
    ['another host', { tls: believed(), certificate: { name: 'other.bank.example' } }, /does not match certificate's altnames/],
    ['an expired one', { tls: believed(), certificate: { name: '127.0.0.1', days: -1 } }, /expired/],
    [
      'a name that it does not bear',
      { tls: { ...believed(), serverName: 'hive.bank.example' } },
      /hive\.bank\.example.*altnames|altnames.*hive\.bank\.example/,
    ],
  ])('a certificate of %s: unreachable, with the reason, and nothing is said', async (_, at, reason) => {
    const { error, front, connections } = await trial(way, at);
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(error!.message).toContain('the certificate is refused');
    expect(error!.message).toMatch(reason);
    expect(error!.hint).toContain('tls.ca');
    expect(front.said()).toHaveLength(0);
    expect(connections).toBe(0);
  });

  it('the name that the certificate bears may be another than the host', async () => {
    const named = { certificate: { name: 'hive.bank.example' }, tls: { ...believed(), serverName: 'hive.bank.example' } };
    expect((await trial(way, named)).names).toEqual(result.columns.name);
  });

  it('is believed unseen where the config says so', async () => {
    const unseen = { certificate: { name: 'other.bank.example', days: -1 }, tls: { verify: false } };
    const { names, front } = await trial(way, unseen);
    expect(names).toEqual(result.columns.name);
    expect(carries(front.wire())).toBe(false);
  });

  it('a server without TLS: unreachable, and the password is not said', async () => {
    const heard: Buffer[] = [];
    const server = await startFakeHive(way, undefined, (bytes) => heard.push(bytes));
    const engine = new HiveEngine({
      ...{ host: '127.0.0.1', port: server.port, database: 'default', user: 'batch', password, tls: believed() },
      ...{ connectTimeout: 1_000, statementTimeout: 1_000 },
      ...(way === 'http' ? { auth: 'plain', transport: 'http' } : { auth: way, transport: 'binary' }),
    });
    await expect(engine.run('SELECT 1')).rejects.toMatchObject({ code: 'unreachable' });
    expect(carries(Buffer.concat(heard))).toBe(false);
    await engine.close();
    await server.close();
  });
});

it.each([
  ['no file', 'absent.pem', 'missing-input'],
  ['no certificate in it', 'empty.pem', 'bad-data'],
])('authorities: %s', async (_, file, code) => {
  const { error } = await trial('plain', { tls: believed(file) });
  expect(error).toMatchObject({ code });
  expect(error!.message).toContain(file);
});
