import { describe, expect, it } from 'vitest';
import { HiveEngine } from '../../../packages/hive/src/server/engine.ts';
import { startFakeHive } from './fake-hive.ts';

const engineAt = (ports: readonly number[], timeout = 2_000): HiveEngine => {
  const [first, ...others] = ports.map((port) => ({ host: '127.0.0.1', port }));
  return new HiveEngine({
    ...{ ...first!, others, database: 'default', user: 'batch', auth: 'nosasl', transport: 'binary' },
    ...{ connectTimeout: timeout, statementTimeout: timeout },
  });
};

async function namesFrom(engine: HiveEngine): Promise<unknown[]> {
  const names: unknown[] = [];
  try {
    for await (const { columns } of engine.query('SELECT name FROM facts')) names.push(...(columns.name as readonly string[]));
    return names;
  } finally {
    await engine.close();
  }
}

describe('hosts', () => {
  it('a server that is not there, and one that says nothing, are left for the next', async () => {
    const silent = await startFakeHive('nosasl', { call: 'OpenSession', bytes: () => Buffer.alloc(0), after: 'silence' });
    const server = await startFakeHive('nosasl');
    expect(await namesFrom(engineAt([1, silent.port, server.port], 500))).toHaveLength(3);
    // the first that answers has the work
    const spare = await startFakeHive('nosasl');
    expect(await namesFrom(engineAt([server.port, spare.port]))).toHaveLength(3);
    expect(spare.sent()).toBe(0);
    for (const one of [silent, server, spare]) await one.close();
  });

  it('none of them: unreachable, and all are named', async () => {
    const failure = await namesFrom(engineAt([1, 2, 3], 300)).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'unreachable' });
    for (const port of [1, 2, 3]) expect((failure as Error).message).toContain(`127.0.0.1:${port}`);
  });
});
