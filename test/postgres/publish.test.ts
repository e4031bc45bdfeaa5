import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, type PostgresSettings, parseAddress } from '@basketwise/data';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { type PostgresStep, publishToPostgres } from '../../packages/postgres/src/publish.ts';
import { type PostgresServer, whyNoServer } from './fixtures/postgres-server.ts';
import { useServer } from './fixtures/server.ts';

const missing = whyNoServer();
const campaigns = ['deposit-upsell', '보험-cross', 'fund-cross'];
const steps: readonly PostgresStep[] = ['create', 'stage', 'validate', 'index', 'swap', 'tidy'];

describe.skipIf(missing)(`publishing to PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useServer('publish');
  const { folder } = bench;
  let server: PostgresServer;
  let duckdb: DuckdbEngine;

  beforeAll(async () => {
    ({ server, duckdb } = bench);
    server.sql("CREATE SCHEMA screens; CREATE ROLE reader LOGIN PASSWORD 'reader'; CREATE ROLE batch LOGIN PASSWORD 'batch'");
    server.sql('GRANT USAGE ON SCHEMA screens TO reader; GRANT USAGE, CREATE ON SCHEMA screens TO batch');
  });

  /** Results of `customers` customers whose product names carry a mark; the last campaign has no rows. */
  const results = (mark: string, customers: number): string =>
    `(SELECT '0' || i AS customer, c.campaign, r AS rank, 'P' || r AS product_code,
      '${mark} ''정기'', "예금" \\N \\. ' || chr(10) || '\\.' || chr(13) || chr(10) || chr(9) || r AS product_name,
      CAST(i / 7 AS FLOAT) AS score, CASE WHEN r = 1 THEN CAST(0.1 AS FLOAT) END AS probability, 'als' AS source,
      CASE WHEN i % 2 = 0 THEN i % 5 END AS cluster, CASE WHEN r = 2 THEN '' END AS reason
      FROM range(${customers}) t(i), range(1, 4) u(r), (VALUES ('${campaigns[0]}'), ('${campaigns[1]}')) c(campaign))`;

  const settings = (changes: Partial<PostgresSettings> = {}): PostgresSettings => ({
    ...parseAddress(server.url({ user: 'batch', password: 'batch' }), 'test'),
    ...{ connectTimeout: 5_000, statementTimeout: 20_000, ...changes },
  });
  const publication = (table: string, changes: object = {}) => ({
    ...{ schema: 'screens', table, referenceDate: '2022-08-31', campaigns, readers: ['reader'], ...changes },
  });
  const publish = (table: string, mark: string, customers: number, step?: (step: PostgresStep) => void | Promise<void>) =>
    publishToPostgres(settings(), duckdb, results(mark, customers), publication(table), step ? { step } : {});

  const published = (table: string): string[][] =>
    server.sql(
      `SELECT campaign, left(product_name, 1), count(*) FROM screens.${table} WHERE reference_date = '2022-08-31' GROUP BY 1, 2 ORDER BY 1, 2`,
    );
  const whole = (mark: string, customers: number): string[][] =>
    campaigns.slice(0, 2).map((campaign) => [campaign, mark, String(3 * customers)]);
  const tablesLike = (prefix: string): string[] =>
    server
      .sql(`SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND starts_with(relname, '${prefix}') ORDER BY 1`)
      .map(([name]) => name!);

  it('offers: the date is whole, the old or the new one, whichever step fails; publishing again replaces it', async () => {
    const offers = (mark: string) =>
      `(SELECT '0' || i AS customer, 1 AS "order", '${campaigns[0]}' AS campaign, 'P1' AS product_code, '${mark}' AS product_name, CAST(.1 AS FLOAT) AS probability,
        CAST(12 AS FLOAT) AS value, NULL AS reason, CASE WHEN i % 5 = 0 THEN 'control' ELSE 'offered' END AS arm FROM range(20) t(i))`;
    const put = (mark: string, step?: (step: PostgresStep) => void) =>
      publishToPostgres(settings(), duckdb, offers(mark), publication('contacted', { of: 'offers' }), step ? { step } : {});
    const found = () =>
      server.sql('SELECT product_name, arm, count(*), sum("order") FROM screens.contacted GROUP BY 1, 2 ORDER BY 1, 2');
    const all = (mark: string) => [
      [mark, 'control', '4', '4'],
      [mark, 'offered', '16', '16'],
    ];
    await put('A');
    for (const failing of steps) {
      const attempt = put('B', (step) => {
        if (step === failing) throw new AppError('unreachable', 'gone', 'Wait.');
      });
      await expect(attempt).rejects.toThrow('gone');
      expect(found()).toEqual(all(failing === 'tidy' ? 'B' : 'A'));
    }
    await put('C');
    expect(found()).toEqual(all('C'));
    await expect(publish('contacted', 'A', 3)).rejects.toThrow('with other columns');
    expect(found()).toEqual(all('C'));
  });

  it('writes what was computed, exactly; an index finds a customer, and readers may read', async () => {
    expect(await publish('exact', 'A', 10)).toEqual([
      { campaign: campaigns[0], rows: 30, customers: 10 },
      { campaign: campaigns[1], rows: 30, customers: 10 },
      { campaign: campaigns[2], rows: 0, customers: 0 },
    ]);
    const reader = new pg.Client(server.url({ user: 'reader', password: 'reader' }));
    await reader.connect();
    const { rows } = await reader.query(
      `SELECT *, CAST(reference_date AS text) AS reference_date FROM screens.exact WHERE customer = '06' AND campaign = '${campaigns[1]}' ORDER BY rank`,
    );
    const plan = await reader.query(`SET enable_seqscan = off; EXPLAIN SELECT * FROM screens.exact WHERE customer = '06'`);
    await expect(reader.query('DELETE FROM screens.exact')).rejects.toThrow('permission denied');
    await reader.end();
    const row = (rank: number) => ({
      ...{ reference_date: '2022-08-31', customer: '06', campaign: campaigns[1], rank, product_code: `P${rank}` },
      ...{ product_name: `A '정기', "예금" \\N \\. \n\\.\r\n\t${rank}`, score: 0.85714287, probability: rank === 1 ? 0.1 : null },
      ...{ source: 'als', cluster: 1, reason: rank === 2 ? '' : null },
    });
    expect(rows).toEqual([row(1), row(2), row(3)]);
    expect(JSON.stringify((plan as unknown as { rows: unknown }[])[1]!.rows)).toContain('Index');
    expect(tablesLike('exact')).toEqual(['exact', 'exact_20220831']);
    expect(readdirSync(join(folder, 'spill')).flatMap((name) => readdirSync(join(folder, 'spill', name)))).toEqual([]);
  });

  it('a date that is published again is replaced; other dates, views and rights stay', async () => {
    const other = publication('again', { referenceDate: '2022-07-31' });
    await publishToPostgres(settings(), duckdb, results('Z', 2), other);
    server.sql('CREATE VIEW screens.of_again AS SELECT * FROM screens.again; GRANT SELECT ON screens.of_again TO reader');
    for (const [mark, customers] of [
      ['A', 5],
      ['B', 7],
      ['B', 7],
    ] as const) {
      await publish('again', mark, customers);
      expect(published('again')).toEqual(whole(mark, customers));
    }
    expect(server.sql('SELECT count(*) FROM screens.of_again')).toEqual([['54']]);
    expect(server.sql("SELECT has_table_privilege('reader', 'screens.again', 'SELECT')")).toEqual([['t']]);
    expect(tablesLike('again')).toEqual(['again', 'again_20220731', 'again_20220831']);
    expect(server.sql("SELECT count(*) FROM pg_indexes WHERE tablename = 'again_20220831'")).toEqual([['1']]);
  });

  it.each(['first', 'repeated'])(
    'a %s publication that fails at any step leaves the date whole, and nothing else',
    async (which) => {
      const table = `failing_${which}`;
      if (which === 'repeated') await publish(table, 'Z', 2);
      for (const [fatal, at] of steps.entries()) {
        if (which === 'first') server.sql(`DROP TABLE IF EXISTS screens.${table}`);
        const before = which === 'first' && fatal === 0 ? undefined : which === 'first' ? [] : published(table);
        const taken: PostgresStep[] = [];
        const failing = publish(table, 'ABCDEF'[fatal]!, 3, (step) => {
          taken.push(step);
          if (step === at) throw new AppError('terminated', 'injected', '');
        });
        await expect(failing, at).rejects.toThrow('injected');
        expect(taken).toEqual(steps.slice(0, fatal + 1));
        if (before !== undefined) expect(published(table), at).toEqual(at === 'tidy' ? whole('F', 3) : before);
        expect(tablesLike(`${table}_bw_`)).toEqual([]);
      }
      await publish(table, 'Y', 2);
      expect(published(table)).toEqual(whole('Y', 2));
    },
  );

  it.each(['first', 'repeated'])(
    'a %s publication whose session is killed before each statement: whole, and the next one tidies up',
    async (which) => {
      const table = `killed_${which}`;
      if (which === 'repeated') await publish(table, 'Z', 2);
      // the server ends the session, as a lost connection or its own restart would
      const kill = () =>
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'batch'") &&
        new Promise<void>((done) => setTimeout(done, 50));
      for (const at of steps.slice(1)) {
        if (which === 'first') server.sql(`DROP TABLE IF EXISTS screens.${table}`);
        const before = which === 'first' ? [] : published(table);
        await expect(
          publish(table, 'K', 3, (step) => (step === at ? kill() : undefined)),
          at,
        ).rejects.toMatchObject({ code: 'unreachable' });
        const now = published(table);
        expect([JSON.stringify(before), JSON.stringify(whole('K', 3))]).toContain(JSON.stringify(now));
        expect(JSON.stringify(now)).toBe(JSON.stringify(at === 'tidy' ? whole('K', 3) : before));
        // what one leaves the next takes away
        expect(tablesLike(`${table}_bw_`)).toHaveLength(at === 'stage' || at === 'tidy' ? 0 : 1);
      }
      await publish(table, 'Y', 2);
      expect(published(table)).toEqual(whole('Y', 2));
      expect(tablesLike(`${table}_bw_`)).toEqual([]);
    },
  );

  it('rows that get lost on the way: 74, and the old ones stay', async () => {
    await publish('lossy', 'Z', 2);
    const client = new pg.Client(server.url());
    await client.connect();
    const lossy = publish('lossy', 'L', 3, async (step) => {
      if (step !== 'validate') return;
      const [[name]] = server.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND starts_with(relname, 'lossy_bw_')") as [
        [string],
      ];
      await client.query(`DELETE FROM screens.${name} WHERE rank = 2 AND customer = '01'`);
    });
    await expect(lossy).rejects.toMatchObject({
      code: 'cannot-write',
      message: expect.stringContaining('staging has 8 rows of 3 customers, but 9 rows of 3 were computed'),
    });
    await client.end();
    expect(published('lossy')).toEqual(whole('Z', 2));
  });

  it('waits for who reads the table, and does not lose the publication', async () => {
    await publish('read', 'Z', 2);
    const reader = new pg.Client(server.url());
    await reader.connect();
    await reader.query('BEGIN; SELECT count(*) FROM screens.read');
    let isOver = false;
    const publishing = publish('read', 'R', 3).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(isOver).toBe(false);
    await reader.query('COMMIT');
    await reader.end();
    await publishing;
    expect(published('read')).toEqual(whole('R', 3));
  });

  it('one publication of a table at a time: 73', async () => {
    const inner: unknown[] = [];
    await publish('single', 'A', 2, async (step) => {
      if (step === 'stage') inner.push(await publish('single', 'B', 2).catch((error: unknown) => error));
    });
    expect(inner).toEqual([expect.objectContaining({ code: 'locked' })]);
    expect(published('single')).toEqual(whole('A', 2));
  });

  it('no right to write: 74; a table that is not ours: 74, and it is not touched', async () => {
    server.sql(
      "CREATE ROLE guest LOGIN PASSWORD 'guest'; CREATE TABLE screens.taken (x int); INSERT INTO screens.taken VALUES (1)",
    );
    server.sql('GRANT ALL ON screens.taken TO batch');
    const as = (user: string, table: string) =>
      publishToPostgres(
        settings(parseAddress(server.url({ user, password: user }), 'test')),
        duckdb,
        results('A', 1),
        publication(table),
      );
    await expect(as('guest', 'denied')).rejects.toMatchObject({
      code: 'cannot-write',
      message: expect.stringContaining('permission denied'),
    });
    await expect(as('batch', 'taken')).rejects.toMatchObject({ code: 'cannot-write' });
    expect(server.sql('SELECT * FROM screens.taken')).toEqual([['1']]);
    // theirs, though of our columns
    await publish('owned', 'A', 1);
    server.sql('ALTER TABLE screens.owned OWNER TO bank');
    await expect(publish('owned', 'B', 1)).rejects.toMatchObject({ code: 'cannot-write' });
    expect(published('owned')).toEqual(whole('A', 1));
  });

  it('a signal: cancelled on the server, 130, the old rows stay', async () => {
    await publish('stopped', 'Z', 2);
    const stop = new AbortController();
    const reader = new pg.Client(server.url());
    await reader.connect();
    await reader.query('BEGIN; SELECT count(*) FROM screens.stopped');
    // it hangs at the lock of the swap
    const step = (name: PostgresStep) => void (name === 'swap' && setTimeout(() => stop.abort(), 500));
    const stopped = publishToPostgres(settings(), duckdb, results('S', 3), publication('stopped'), { signal: stop.signal, step });
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect(server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'batch' AND state = 'active'")).toEqual([['0']]);
    await reader.query('COMMIT');
    await reader.end();
    expect(published('stopped')).toEqual(whole('Z', 2));
  });
});
