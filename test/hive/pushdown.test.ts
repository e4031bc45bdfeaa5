import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { beforeAll, describe, expect, it } from 'vitest';
import { basketwise } from './fixtures/command.ts';
import { useDatabase } from './fixtures/database.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { loadTable } from './fixtures/load.ts';
import { rows } from './fixtures/settings.ts';

const missing = whyNoServer();
const database = 'bw_pushdown';
const tables = ['customers', 'products', 'holdings'] as const;
const customers = 20_000;

interface Manifest {
  campaigns: { campaign: string; baskets: number; targets: number; served: number; rows: number }[];
  extract: {
    customers: object;
    holdings: object;
    rules: object;
    products: { read: number };
    dataHash: string;
    holdingsHash?: string;
  };
  clusters: { scheme: string; sizes: number[]; fitted: boolean }[];
  segments: object;
  fetched: Record<string, number>;
}

describe.skipIf(missing)(`pushdown into HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useDatabase(database);
  const { folder } = bench;

  /** The run of a config of its own folder, so that neither sees the cluster models of the other. */
  const at = (name: string): string => join(folder, name);

  const runOf = (name: string): string => join(at(name), 'out', 'runs', readdirSync(join(at(name), 'out', 'runs'))[0]!);

  const manifestOf = (name: string): Manifest => JSON.parse(readFileSync(join(runOf(name), 'manifest.json'), 'utf8')) as Manifest;

  const sorted = (lines: string[]): string => lines.sort().join('\n');

  const sortedCsv = (name: string): string =>
    sorted(
      readFileSync(join(runOf(name), 'recommendations.csv'), 'utf8')
        .trimEnd()
        .split('\n'),
    );

  /** Runs the sample's config with pushdown; `change` edits its text. */
  const runPushdown = async (name: string, change: (text: string) => string = (text) => text) => {
    const source = `engine: hive\n  hive: { host: ${bench.server.host}, port: ${bench.server.port}, database: ${database}, pushdown: true }`;
    const text = sampleConfig({ path: './data', model: 'als' })
      .replace('engine: duckdb', source)
      .replaceAll(/from: (\w+)\.parquet/g, 'from: $1');
    mkdirSync(at(name), { recursive: true });
    writeFileSync(join(at(name), 'basketwise.yaml'), change(text));
    return await basketwise('run', '-c', join(at(name), 'basketwise.yaml'));
  };

  const runTables = async (): Promise<readonly string[]> =>
    (await bench.hive.tables()).filter((name) => name.startsWith('bw_run_'));

  const baskets = ({ campaigns }: Manifest): number => campaigns.reduce((sum, campaign) => sum + campaign.baskets, 0);

  beforeAll(async () => {
    await generateBank({ folder: join(folder, 'data'), customers, seed: 1 });
    for (const table of tables) {
      const file = join(folder, 'data', `${table}.parquet`);
      await loadTable(bench.duckdb, bench.hive, table, `SELECT * FROM read_parquet('${file}')`, join(folder, 'loaded'));
    }
    mkdirSync(at('files'));
    // with pushdown lists reach Hive without probabilities
    writeFileSync(join(at('files'), 'basketwise.yaml'), `${sampleConfig({ path: '../data', model: 'als' })}calibrate: false\n`);
    expect(await basketwise('run', '-c', join(at('files'), 'basketwise.yaml'))).toMatchObject({ code: 0 });
  });

  it('recommends what it recommends from files, byte for byte, clusters fitted in the run', async () => {
    expect(await runPushdown('fitted')).toMatchObject({ code: 0 });
    expect(sortedCsv('fitted') === sortedCsv('files')).toBe(true);
    const [here, there] = [manifestOf('files'), manifestOf('fitted')];
    const { dataHash: _a, holdingsHash: _h, ...counted } = here.extract;
    const { dataHash: _b, ...inHive } = there.extract;
    expect(inHive).toEqual({ ...counted, inHive: true });
    expect(there.segments).toEqual(here.segments);
    expect(there.clusters).toEqual(here.clusters);
    expect(there.campaigns).toEqual(here.campaigns);
    expect(await runTables()).toEqual([]);
  });

  it('fetches distinct baskets and products, and counts, but no customer, when it publishes in Hive by known clusters', async () => {
    mkdirSync(at('published'));
    const model = (scheme: string) => `model: ${join(at('files'), `models/${scheme}-clusters.arrow`)}`;
    const done = await runPushdown('published', (text) =>
      text
        .replace('model: models/deposit-clusters.arrow', model('deposit'))
        .replace('model: models/insurance-clusters.arrow', model('insurance'))
        .replace('formats: [parquet, csv]', 'formats: []')
        .replace(/^output:\n/m, `output:\n  hive: { table: ${database}.recommendations, shared: ./shared }\n`),
    );
    expect(done).toMatchObject({ code: 0 });
    const [here, there] = [manifestOf('files'), manifestOf('published')];
    expect(there.fetched['distinct baskets']).toBe(baskets(here));
    expect(there.fetched.products).toBe(here.extract.products.read);
    const perCustomer = Object.keys(there.fetched).filter((what) => what.includes('customers'));
    expect(perCustomer).toEqual([]);
    const counts = Object.entries(there.fetched).filter(([what]) => what !== 'distinct baskets' && what !== 'products');
    expect(counts.reduce((sum, [, n]) => sum + n, 0)).toBeLessThan(5_000);
    const published = await rows(
      bench.hive,
      `SELECT concat_ws(',', customer, campaign, CAST(\`rank\` AS string), product_code, source, coalesce(CAST(cluster AS string), '')) AS line
       FROM recommendations WHERE reference_date = DATE '2022-08-31'`,
    );
    const csv = await rows(
      bench.duckdb,
      `SELECT concat_ws(',', customer, campaign, rank, product_code, source, coalesce(CAST(cluster AS VARCHAR), '')) AS line
       FROM read_parquet('${join(runOf('files'), 'recommendations.parquet')}')`,
    );
    const lines = (found: Record<string, unknown>[]) => sorted(found.map(({ line }) => String(line)));
    expect(lines(published) === lines(csv)).toBe(true);
    expect(await runTables()).toEqual([]);
  });

  it('a command that looks at customers says that they stayed in Hive', async () => {
    const { code, stderr } = await basketwise('explain', '0000000001', '-c', join(at('fitted'), 'basketwise.yaml'));
    expect(code).toBe(66);
    expect(stderr).toContain('source.hive.pushdown');
  });

  it('needs the engine', async () => {
    const { code, stderr } = await runPushdown('files-engine', (text) => text.replace('engine: hive', 'engine: duckdb'));
    expect(code).toBe(78);
    expect(stderr).toContain('pushdown needs `engine: hive`');
  });
});
