import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSource } from '@basketwise/insight';
import { loadConfig } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { basketwise, doctorIn } from './fixtures/command.ts';
import { useDatabase } from './fixtures/database.ts';
import { openGate } from './fixtures/gate.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { loadTable } from './fixtures/load.ts';
import { briefSample, onlyCampaigns, sampleOnServer } from './fixtures/sample-on-server.ts';
import { rows } from './fixtures/settings.ts';

const missing = whyNoServer();
const database = 'bw_job';
const tables = ['customers', 'products', 'holdings'] as const;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe.skipIf(missing)(`the nightly job on HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useDatabase(database);
  const { folder } = bench;
  let hive: HiveEngine;

  beforeAll(async () => {
    ({ hive } = bench);
    await generateBank({ folder: join(folder, 'data'), customers: 3_000, seed: 1 });
    for (const table of tables) {
      const file = join(folder, 'data', `${table}.parquet`);
      await loadTable(bench.duckdb, hive, table, `SELECT * FROM read_parquet('${file}')`, join(folder, 'loaded'));
    }
  });

  /** Writes a config whose source is Hive; `extra` are further keys of source.hive. */
  const hiveConfig = (name: string, extra: string, output = ''): string => {
    const source = `engine: hive\n  hive: { host: ${bench.server.host}, port: ${bench.server.port}, database: ${database}${extra} }`;
    const text = briefSample(sampleOnServer(source, { model: 'als', path: './data', output: `./${name}` }));
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, text.replace(/^output:\n/m, `output:\n${output}`));
    return file;
  };

  const sortedCsv = (name: string): string => {
    const [run] = readdirSync(join(folder, name, 'runs'));
    const [header, ...lines] = readFileSync(join(folder, name, 'runs', run!, 'recommendations.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    return [header, ...lines.sort()].join('\n');
  };

  const workTables = async (): Promise<readonly string[]> => (await hive.tables()).filter((name) => name.startsWith('bw_'));

  let byDuckdb = '';

  it('recommends what it recommends from files, byte for byte, and a second run does not touch Hive', async () => {
    writeFileSync(join(folder, 'files.yaml'), briefSample(sampleConfig({ model: 'als', path: './data', output: './files' })));
    expect(await basketwise('run', '-c', join(folder, 'files.yaml'))).toMatchObject({ code: 0 });
    byDuckdb = sortedCsv('files');
    expect(byDuckdb.split('\n').length).toBeGreaterThan(6_000);
    const gate = await openGate(bench.server);
    const config = hiveConfig('direct', '');
    writeFileSync(config, readFileSync(config, 'utf8').replace(`port: ${bench.server.port}`, `port: ${gate.port}`));
    expect(await basketwise('run', '-c', config)).toMatchObject({ code: 0 });
    expect(sortedCsv('direct') === byDuckdb).toBe(true);
    // the same run with the server gone
    await gate.shut();
    expect(await basketwise('run', '-c', config)).toMatchObject({ code: 0 });
    // another server's tables are others
    writeFileSync(config, readFileSync(config, 'utf8').replace(`port: ${gate.port}`, 'port: 1'));
    expect(await basketwise('run', '-c', config)).toMatchObject({ code: 69 });
  });

  it('recommends the same from work tables alone', async () => {
    const config = hiveConfig('worked', `, work_tables: { schema: ${database}, prefix: bw_ }`);
    const plan = await basketwise('work-tables', 'plan', '-c', config);
    expect(plan.stdout).toContain('CREATE TABLE');
    expect(await workTables()).toEqual([]);
    expect(await basketwise('work-tables', 'create', '-c', config)).toMatchObject({ code: 0 });
    expect(await workTables()).toHaveLength(3);
    // the sources are out of reach: extraction must not need them
    for (const table of tables) await hive.run(`ALTER TABLE ${table} RENAME TO away_${table}`);
    const run = await basketwise('run', '-c', config);
    for (const table of tables) await hive.run(`ALTER TABLE away_${table} RENAME TO ${table}`);
    expect(run).toMatchObject({ code: 0 });
    expect(sortedCsv('worked') === byDuckdb).toBe(true);
    // outcomes of a rule that is no longer the config's are not taken for its own
    writeFileSync(config, readFileSync(config, 'utf8').replace('AGE >= 18', 'AGE >= 19'));
    const stale = await basketwise('run', '-c', config);
    expect(stale.code).toBe(66);
    expect(stale.stderr).toContain(
      `table ${database}.bw_customers (Hive at ${bench.server.host}:${bench.server.port}) was made for another`,
    );
    expect(await basketwise('work-tables', 'drop', '-c', config)).toMatchObject({ code: 0 });
    expect(await workTables()).toEqual([]);
  });

  describe('publishing', () => {
    const output = (table: string): string => `  hive: { table: ${database}.${table}, shared: ./shared }\n`;
    const counted = async (table: string): Promise<unknown> => {
      const sql = `SELECT CAST(count(*) AS int) AS n, CAST(count(DISTINCT campaign) AS int) AS campaigns FROM ${table}`;
      return (await rows(hive, sql))[0];
    };
    /** Runs a config; returns the stages that were not skipped. */
    const done = async (config: string): Promise<string[]> => {
      const run = await basketwise('run', '-c', config, '--json');
      expect(run, run.stderr).toMatchObject({ code: 0 });
      const { stages } = JSON.parse(run.stdout) as { stages: { name: string; status: string }[] };
      return stages.filter(({ status }) => status === 'done').map(({ name }) => name);
    };
    let whole: unknown;

    it('puts the run into a Hive table, once', async () => {
      const config = hiveConfig('published', '', output('recommendations'));
      expect(await done(config)).toContain('extract');
      const lines = sortedCsv('published').split('\n').slice(1);
      whole = { n: lines.length, campaigns: new Set(lines.map((line) => line.split(',')[1])).size };
      expect(await counted('recommendations')).toEqual(whole);
      expect(readdirSync(join(folder, 'shared'))).toEqual([]);
      expect(await done(config)).toEqual([]);
    });

    it('publishes again to another table and with another session, and does nothing else', async () => {
      const elsewhere = hiveConfig('published', '', output('elsewhere'));
      expect(await done(elsewhere)).toEqual(['publish-hive', 'report']);
      expect(await counted('elsewhere')).toEqual(whole);
      const session = hiveConfig('published', ", session: { hive.exec.parallel: 'true' }", output('elsewhere'));
      expect(await done(session)).toEqual(['publish-hive', 'report']);
      expect(await counted('elsewhere')).toEqual(whole);
    });

    it('puts offers beside the recommendations, with both arms; also of tables that are files', async () => {
      const file = join(folder, 'offering.yaml');
      const { host, port } = bench.server;
      const config = sampleConfig({ model: 'als', path: './data', output: './offering' });
      const text = onlyCampaigns(config, ['deposit-upsell', 'fund-cross'])
        .replace('engine: duckdb', `engine: duckdb\n  hive: { host: ${host}, port: ${port}, database: ${database} }`)
        .replace(/^output:\n/m, `output:\n${output('listed')}`);
      writeFileSync(file, `${text}offers: { value: 10, capacity: { calls: { most: 500 } }, control: { share: 0.2, salt: a } }\n`);
      expect(await done(file)).toContain('publish-hive');
      const columns = 'customer, "order", campaign, product_code, arm';
      const parquet = `read_parquet('${join(folder, 'offering', 'latest', 'offers.parquet')}')`;
      const sorted = (found: readonly Record<string, unknown>[]) => found.map((row) => Object.values(row).join('|')).sort();
      const made = sorted(await rows(bench.duckdb, `SELECT ${columns} FROM ${parquet}`));
      expect(sorted(await rows(hive, `SELECT ${columns.replaceAll('"', '`')} FROM offers`))).toEqual(made);
      expect(new Set(made.map((row) => row.split('|').at(-1)))).toEqual(new Set(['offered', 'control']));
    });

    it('publishes again where another run has published the same date since', async () => {
      const config = hiveConfig('published', '', output('recommendations'));
      const original = readFileSync(config, 'utf8');
      writeFileSync(config, original.replace('AGE >= 18', 'AGE >= 21'));
      expect(await done(config)).toContain('publish');
      expect(await counted('recommendations')).not.toEqual(whole);
      writeFileSync(config, original);
      expect(await done(config)).toEqual(['publish-hive', 'report']);
      expect(await counted('recommendations')).toEqual(whole);
    });
  });

  it('the doctor finds server, tables and rows, and says what is missing', async () => {
    const file = hiveConfig('checked', '');
    const looked = await doctorIn({}, file);
    expect(looked.stdout).toMatch(/ok +Hive at .* a trivial query \d+\.\d\d s/);
    expect(looked.stdout).toMatch(/ok +tables.holdings +table holdings .*: \d+ rows, \d+ columns/);
    const settings = await loadConfig(file);
    const checks = await all(checkSource(settings));
    expect(checks.map(({ name, failure }) => [name.split(' ')[0], failure?.code])).toEqual([
      ['Hive', undefined],
      ['tables.customers', undefined],
      ['tables.products', undefined],
      ['tables.holdings', undefined],
    ]);
    expect(checks[1]!.text).toContain('3000 rows');
    settings.config.tables.holdings.from = 'nowhere';
    settings.config.tables.products.code = 'nothing';
    const broken = await all(checkSource(settings));
    expect(broken.map(({ failure }) => failure?.code)).toEqual([undefined, undefined, 'bad-data', 'missing-input']);
  });

  it('a server that is not there: 69, in run.json too', async () => {
    const config = hiveConfig('nowhere', '');
    writeFileSync(config, readFileSync(config, 'utf8').replace(`port: ${bench.server.port}`, 'port: 1'));
    const { code, stderr } = await basketwise('run', '-c', config);
    expect(code).toBe(69);
    expect(stderr).toContain(`${bench.server.host}:1`);
    const [run] = readdirSync(join(folder, 'nowhere', 'runs'));
    expect(JSON.parse(readFileSync(join(folder, 'nowhere', 'runs', run!, 'run.json'), 'utf8'))).toMatchObject({ exitCode: 69 });
  });
});
