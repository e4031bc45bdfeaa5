import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assignmentQuery, type ClusterModel, clusterModelFromState, segmentQuery } from '@basketwise/clusters';
import { loadModel } from '@basketwise/core';
import type { Engine } from '@basketwise/data';
import { loadConfig, type Settings } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from './fixtures/database.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { loadTable } from './fixtures/load.ts';
import { rows } from './fixtures/settings.ts';

const missing = whyNoServer();
const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');
const customers = 5_000;

describe.skipIf(missing)(`clusters and segments in HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useDatabase('bw_assignment');
  let settings: Settings;
  let run: string;

  beforeAll(async () => {
    const { folder, duckdb, hive } = bench;
    await generateBank({ folder: join(folder, 'data'), customers, seed: 1 });
    const config = join(folder, 'basketwise.yaml');
    writeFileSync(config, sampleConfig({ model: 'als', path: './data', output: './out' }));
    settings = await loadConfig(config);
    await promisify(execFile)(process.execPath, [program, 'run', '-c', config, '--stage', 'cluster']);
    run = join(folder, 'out/runs', readdirSync(join(folder, 'out/runs'))[0]!);
    const snapshot = `SELECT * FROM read_parquet('${join(run, 'snapshot/customers.parquet')}')`;
    await loadTable(duckdb, hive, 'customers', snapshot, folder);
  });

  const modelOf = async (scheme: string): Promise<ClusterModel> => {
    const { state } = await loadModel(new Uint8Array(readFileSync(join(run, `models/clusters/${scheme}.arrow`))));
    return clusterModelFromState(state as Parameters<typeof clusterModelFromState>[0]);
  };

  /** Answer of a query for each id. */
  const byId = async (engine: Engine, sql: string, id: string, what: string): Promise<Map<unknown, unknown>> =>
    new Map((await rows(engine, sql)).map((row) => [row[id], row[what]]));

  it.each(['deposit', 'insurance'])(
    'puts every customer into the cluster of %s that the kernels put them into',
    async (scheme) => {
      const { duckdb, hive } = bench;
      const where = hive.dialect.identifier(`in_scheme_${scheme}`);
      const model = await modelOf(scheme);
      const sql = assignmentQuery(hive.dialect, model, { from: 'customers', where, keep: ['id'] });
      const inHive = await byId(hive, sql, 'k0', 'cluster');
      const file = join(run, 'clusters.parquet');
      const here = await byId(
        duckdb,
        `SELECT customer, cluster FROM '${file}' WHERE scheme = '${scheme}'`,
        'customer',
        'cluster',
      );
      expect(here.size).toBeGreaterThan(customers / 10);
      expect(inHive.size).toBe(here.size);
      const elsewhere = [...here].filter(([id, cluster]) => inHive.get(id) !== cluster);
      expect(elsewhere).toEqual([]);
    },
  );

  it('gives every customer the segments that the job gives them', async () => {
    const { duckdb, hive } = bench;
    const { segments } = settings.config;
    const sql = segmentQuery(hive.dialect, segments, 'id', 'customers');
    const ordered = (found: Record<string, unknown>[]): string[] => found.map((row) => JSON.stringify(Object.values(row))).sort();
    const inHive = ordered(await rows(hive, sql));
    expect(inHive).toHaveLength(customers);
    expect(inHive.join('\n') === ordered(await rows(duckdb, `SELECT * FROM '${join(run, 'segments.parquet')}'`)).join('\n')).toBe(
      true,
    );
  });
});
