import { createServer } from 'node:net';
import zookeeper from 'node-zookeeper-client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { discoverServers } from '../../packages/hive/src/server/zookeeper.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { rows, settingsFor } from './fixtures/settings.ts';

const missing = process.env.BASKETWISE_HIVE === undefined ? whyNoServer() : 'it needs a server that enters itself in ZooKeeper';
const seeds = [0, 1, 2, 3, 4, 5, 6, 7];

describe.skipIf(missing)(`HiveServer2 by ZooKeeper${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const address = inject('zookeeper')!;
  const engines: HiveEngine[] = [];
  const settingsBy = (namespace: string, seed = 0, quorum = [address], connectTimeout = 10_000) =>
    settingsFor({ host: '', port: 0 }, { zookeeper: { quorum, namespace, seed }, connectTimeout });
  const engineBy = (...where: Parameters<typeof settingsBy>): HiveEngine => {
    const engine = new HiveEngine(settingsBy(...where));
    engines.push(engine);
    return engine;
  };
  let client: zookeeper.Client;
  const enter = (path: string) =>
    new Promise<void>((resolve, reject) => client.mkdirp(path, (error) => (error ? reject(error) : resolve())));

  beforeAll(async () => {
    client = zookeeper.createClient(address);
    await new Promise<void>((resolve) => {
      client.once('connected', resolve);
      client.connect();
    });
    // a server that has died lately, and one of before
    const { port } = inject('hive')!;
    await enter(`/half-dead/serverUri=localhost:${port};version=4.0.1;sequence=0000000001`);
    await enter('/half-dead/serverUri=127.0.0.1:1;version=4.0.1;sequence=0000000002');
    await enter('/half-dead/serverUri=127.0.0.1:2;version=4.0.1;sequence=0000000003');
    await enter('/half-dead/leader');
    await enter('/elsewhere');
  });
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });
  afterAll(() => client?.close());

  it('is found where it has entered itself', async () => {
    expect(await rows(engineBy('hiveserver2'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('servers that have died are left for the next', async () => {
    for (const seed of seeds) {
      const [first] = await discoverServers(settingsBy('half-dead', seed));
      if (first!.port > 2) continue;
      expect(await rows(engineBy('half-dead', seed), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      return;
    }
    expect.fail('a dead server comes first with none of the seeds');
  });

  it('one seed is one order, and seeds differ', async () => {
    const orders = await Promise.all([...seeds, ...seeds].map((seed) => discoverServers(settingsBy('half-dead', seed))));
    const texts = orders.map((order) => order.map(({ host, port }) => `${host}:${port}`).join(' '));
    expect(texts.slice(0, seeds.length)).toEqual(texts.slice(seeds.length));
    expect(new Set(texts).size).toBeGreaterThan(1);
    expect(orders[0]).toHaveLength(3);
  });

  it('a member of the quorum that is away does not matter', async () => {
    expect(await rows(engineBy('hiveserver2', 0, ['127.0.0.1:1', address]), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.each([
    { what: 'no server is registered there', namespace: 'elsewhere' },
    { what: 'NO_NODE', namespace: 'nowhere' },
  ])('$namespace: unreachable, with the place', async ({ what, namespace }) => {
    await expect(engineBy(namespace).run('SELECT 1')).rejects.toMatchObject({
      code: 'unreachable',
      message: `Hive by ZooKeeper ${address}/${namespace}: ${what}`,
    });
  });

  it('no quorum, and one that says nothing: unreachable in time', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    for (const quorum of [['127.0.0.1:1'], [`127.0.0.1:${port}`]]) {
      const start = performance.now();
      await expect(engineBy('hiveserver2', 0, quorum, 500).run('SELECT 1')).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('no member of the quorum answers within 0.5 s'),
      });
      expect(performance.now() - start).toBeLessThan(4_000);
    }
    silent.close();
  });
});
