import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bringRows } from '../../../packages/hive/src/server/bring.ts';
import { HiveEngine } from '../../../packages/hive/src/server/engine.ts';
import { startFakeHive } from './fake-hive.ts';

const columns = { customer: 'string', rank: 'int' };

describe('the folder that HiveServer2 shares', () => {
  let folder: string;
  let duckdb: DuckdbEngine;
  const umask = process.umask();

  beforeAll(async () => {
    const spill = mkdtempSync(join(tmpdir(), 'basketwise-spill-'));
    duckdb = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: spill });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'basketwise-shared-'));
    chmodSync(folder, 0o755);
    process.umask(0o077);
  });
  afterEach(() => {
    process.umask(umask);
    rmSync(folder, { recursive: true });
  });
  afterAll(() => duckdb.close());

  /** Brings two rows; calls back while the server would read them. */
  const bring = async (shared: string, reading: (file: string) => void): Promise<void> => {
    const server = await startFakeHive('nosasl', undefined, (request) => {
      if (!request.includes('INSERT OVERWRITE')) return;
      const [name] = readdirSync(shared).filter((entry) => readdirSync(join(shared, entry)).includes('rows.parquet'));
      reading(join(shared, name!, 'rows.parquet'));
    });
    const hive = new HiveEngine({
      ...{ host: '127.0.0.1', port: server.port, database: 'default', user: 'batch', auth: 'nosasl', transport: 'binary' },
      ...{ connectTimeout: 20_000, statementTimeout: 20_000 },
    });
    const select = "SELECT * FROM (VALUES ('0007', 1), ('8', 2)) rows(customer, rank)";
    try {
      await bringRows(hive, duckdb, select, { table: 'lists', columns, shared, publisher: 'p1' }, {});
    } finally {
      await hive.close();
      await server.close();
    }
  };

  it.each(['there already', 'made by the run'])(
    'is one that a server of another user reads, with any umask (%s)',
    async (how) => {
      const shared = join(folder, 'deep', 'shared');
      if (how === 'there already') {
        mkdirSync(shared, { recursive: true });
        for (const path of [join(folder, 'deep'), shared]) chmodSync(path, 0o755);
      }
      let seen = 0;
      await bring(shared, (file) => {
        seen += 1;
        for (let path = file; path !== folder; path = join(path, '..')) {
          expect(statSync(path).mode & 0o777, path).toBe(path === file ? 0o644 : 0o755);
        }
        if (process.getuid?.() !== 0) return;
        const read = spawnSync('cat', [file], { uid: 65534, gid: 65534 });
        expect([read.status, read.stdout.length]).toEqual([0, statSync(file).size]);
      });
      expect(seen).toBe(1);
      expect(readdirSync(shared)).toEqual([]);
    },
  );

  it('loses what killed runs left there, and nothing else', async () => {
    const left = (publisher: string, n: number): string => `bw_brought_${publisher}_${String(n).repeat(32)}`;
    const [own, atWork, abandoned] = [left('p1', 1), left('p2', 2), left('p2', 3)];
    for (const name of [own, atWork, abandoned, 'bw_brought_by_hand']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'x'), '');
    }
    const before = Date.now() / 1000 - 2 * 24 * 60 * 60;
    utimesSync(join(folder, abandoned), before, before);
    await bring(folder, () => {});
    expect(readdirSync(folder).sort()).toEqual(['bw_brought_by_hand', atWork]);
  });

  it('that cannot be written: 74', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(bring(join(folder, 'file', 'shared'), () => {})).rejects.toMatchObject({ code: 'cannot-write' });
  });
});
