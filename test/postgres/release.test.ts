import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeKeys } from '../e2e/pipeline/release-keys.ts';
import { basketwise, smallBank } from '../e2e/pipeline/small-bank.ts';
import { type PostgresServer, whyNoServer } from './fixtures/postgres-server.ts';
import { useServer } from './fixtures/server.ts';

const missing = whyNoServer();
const variable = 'BASKETWISE_RELEASE_POSTGRES';

describe.skipIf(missing)(`releases to PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useServer('release');
  const folder = join(bench.folder, 'bank');
  let server: PostgresServer;

  beforeAll(() => {
    ({ server } = bench);
    process.env[variable] = server.url();
    mkdirSync(folder, { recursive: true });
    const bank = smallBank(60);
    for (const table of ['customers', 'products', 'holdings'] as const) writeFileSync(join(folder, `${table}.csv`), bank[table]);
    const guarded = bank.config.replace('max_unknown_products: 0.05', 'max_unknown_products: 0.05, max_days_old: 60');
    const config = guarded.replace('output: {', `output: { postgres: { url_env: ${variable}, schema: lists },`);
    writeFileSync(join(folder, 'basketwise.yaml'), `${config}release: { keys: keys.yaml }\n`);
    writeKeys(folder);
    server.sql('CREATE SCHEMA lists');
  });
  afterAll(() => {
    delete process.env[variable];
  });

  async function done(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await basketwise(folder, ...args);
    expect([args.join(' '), exitCode, exitCode === 0 ? '' : stderr]).toEqual([args.join(' '), 0, '']);
    return stdout;
  }
  const published = (): string[] =>
    server
      .sql("SELECT reference_date || ' ' || count(*) FROM lists.recommendations GROUP BY reference_date ORDER BY 1")
      .map(([row]) => row!);
  async function released(date: string): Promise<string> {
    const { run } = JSON.parse(await done('run', '--as', 'batch', '--reference-date', date, '--json')) as { run: string };
    for (const name of ['anna', 'ben']) await done('approve', run, '--as', name);
    await done('release', run, '--as', 'batch');
    return run;
  }

  it('publishes rows at the release, and takes them back at a stop and at the release of an earlier run', async () => {
    await done('run', '--as', 'batch', '--reference-date', '2022-07-31');
    expect(server.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'lists'")).toEqual([['0']]);
    const first = await released('2022-07-31');
    const one = published();
    expect(one).toEqual([expect.stringMatching(/^2022-07-31 [1-9]/)]);
    const second = await released('2022-08-31');
    const both = published();
    expect(both).toEqual([one[0], expect.stringMatching(/^2022-08-31 [1-9]/)]);
    await done('release', first, '--as', 'batch');
    expect(published()).toEqual(one);
    await done('release', second, '--as', 'batch');
    expect(published()).toEqual(both);
    expect(await done('stop', '--to', first, '--because', 'wrong prices')).toContain('postgres: 2022-08-31 has no rows');
    expect(published()).toEqual(one);
    await done('stop', '--because', 'all of it');
    expect(published()).toEqual([]);
    await done('resume');
    for (const name of ['anna', 'ben']) await done('approve', second, '--as', name);
    await done('release', second, '--as', 'batch');
    expect(published()).toEqual([both[1]]);
    expect(readdirSync(join(folder, 'out')).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
    await done('journal', 'verify');
  });

  it('rows of an erased customer stay until the run is approved and released again', async () => {
    const run = await released('2022-09-30');
    const [[customer]] = server.sql('SELECT min(customer) FROM lists.recommendations') as [[string]];
    const rows = () =>
      server.sql(`SELECT count(*) FROM lists.recommendations WHERE customer = '${customer}' AND reference_date = '2022-09-30'`);
    const said = await done('forget', '--customer', customer, '--as', 'anna');
    expect(said).toMatch(
      /published rows stay in postgres .* lists\.recommendations: 2 dates from 2022-08-31 to 2022-09-30\. Delete them \(docs/,
    );
    expect(rows()).not.toEqual([['0']]);
    for (const name of ['anna', 'ben']) await done('approve', run, '--as', name);
    await done('release', run, '--as', 'batch');
    expect(rows()).toEqual([['0']]);
  });
});
