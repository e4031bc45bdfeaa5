import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import type { HiveSettings } from '../../packages/hive/src/server/settings.ts';
import { makeAuthority } from '../tls/authority.ts';
import { type HiveServer, startServer, whyNoServer } from './fixtures/hive-server.ts';
import { rows, settingsFor } from './fixtures/settings.ts';

const missing = process.env.BASKETWISE_HIVE === undefined ? whyNoServer() : 'it needs a server with TLS';

describe.skipIf(missing)(`HiveServer2 with TLS${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-hive-tls-'));
  const ca = join(folder, 'ca.pem');
  let server: HiveServer;
  let engine: HiveEngine;
  const engineFor = (changes: Partial<HiveSettings> = {}): HiveEngine => {
    const login = { auth: 'ldap', user: 'hive', password: 'secret' } as const;
    engine = new HiveEngine(settingsFor(server, { ...login, tls: { ca, verify: true }, ...changes }));
    return engine;
  };

  beforeAll(async () => {
    server = await startServer({ auth: 'CUSTOM', transport: 'all', tls: true });
    writeFileSync(ca, server.certificate!);
    writeFileSync(join(folder, 'other.pem'), (await makeAuthority()).ca);
  });
  afterEach(() => engine?.close());
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  it.each(['binary', 'http'] as const)('%s: in with the right password, and rows come', async (transport) => {
    const at = { transport, port: transport === 'http' ? server.httpPort : server.port };
    expect(await rows(engineFor(at), "SELECT '정기' AS name")).toEqual([{ name: '정기' }]);
    await engine.close();
    await expect(engineFor({ ...at, password: 'guess-1234' }).run('SELECT 1')).rejects.toMatchObject({ code: 'not-permitted' });
  });

  it.each(['binary', 'http'] as const)('%s: a certificate of another authority is refused', async (transport) => {
    const at = { transport, port: transport === 'http' ? server.httpPort : server.port };
    const refused = engineFor({ ...at, tls: { ca: join(folder, 'other.pem'), verify: true } }).run('SELECT 1');
    await expect(refused).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/certificate is refused: .*self.signed|certificate is refused: .*verif/i),
    });
  });

  it('a client without TLS does not get in, and does not hang', async () => {
    const plain = engineFor({ tls: undefined, connectTimeout: 2_000 }).run('SELECT 1');
    await expect(plain).rejects.toMatchObject({ code: 'unreachable' });
  });
});
