import { describe, expect, it } from 'vitest';
import { HiveEngine } from '../../../packages/hive/src/server/engine.ts';
import type { HiveSettings } from '../../../packages/hive/src/server/settings.ts';
import { rows } from '../../hive/fixtures/settings.ts';
import { startFakeHive } from './fake-hive.ts';

describe('a server that wants SASL', () => {
  const asked = async (auth: HiveSettings['auth']): Promise<unknown> => {
    const server = await startFakeHive('plain');
    const engine = new HiveEngine({
      ...{ host: '127.0.0.1', port: server.port, database: 'default', user: 'batch', auth, transport: 'binary' },
      ...{ connectTimeout: 2_000, statementTimeout: 2_000 },
    });
    try {
      return await rows(engine, 'SELECT name FROM facts').catch((error: Error) => error);
    } finally {
      await engine.close();
      await server.close();
    }
  };

  it('is greeted so with `none`, after it has refused a raw message', async () => {
    expect(await asked('none')).toHaveLength(3);
  });

  it('with `nosasl`: 69, and what it wants', async () => {
    expect(await asked('nosasl')).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('requires a login by SASL'),
    });
  });
});
