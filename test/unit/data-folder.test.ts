import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { hasBerka } from '../../bench/sets/berka-bank.ts';

test('Berka is read from the folder of the other real sets', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'real-sets-'));
  vi.stubEnv('BASKETWISE_DATA', folder);
  try {
    expect(hasBerka()).toBe(false);
    await mkdir(join(folder, 'berka'));
    expect(hasBerka()).toBe(true);
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
});
