import { readdirSync } from 'node:fs';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, type HiveEngine, type PublishStep, publishToHive } from '@basketwise/data';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from './fixtures/database.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { rows } from './fixtures/settings.ts';

const missing = whyNoServer();
const database = 'bw_publish';
const table = `${database}.recommendations`;
const campaigns = ['deposit-upsell', '보험-cross', 'fund-cross'];

describe.skipIf(missing)(`publishing to HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useDatabase(database);
  const { folder } = bench;
  let hive: HiveEngine;
  let duckdb: DuckdbEngine;

  beforeAll(() => {
    ({ hive, duckdb } = bench);
  });

  /** Results of `customers` customers whose product names carry a mark; the last campaign has no rows. */
  const results = (mark: string, customers: number): string =>
    `(SELECT '0' || i AS customer, c.campaign, r AS rank, 'P' || r AS product_code, '${mark} ''정기'' \\예금' || chr(9) || r AS product_name,
      CAST(i / 7 AS FLOAT) AS score, CAST(NULL AS DOUBLE) AS probability, 'als' AS source, CASE WHEN i % 2 = 0 THEN i % 5 END AS cluster, NULL AS reason
      FROM range(${customers}) t(i), range(1, 4) u(r), (VALUES ('${campaigns[0]}'), ('${campaigns[1]}')) c(campaign))`;

  const publish = (
    mark: string,
    customers: number,
    run: string,
    options: { shared?: string; step?: (step: PublishStep) => void | Promise<void> } = {},
  ) =>
    publishToHive(
      hive,
      duckdb,
      results(mark, customers),
      { table, referenceDate: '2022-08-31', campaigns, run, shared: options.shared },
      options.step === undefined ? {} : { step: options.step },
    );

  /** Per campaign: the marks of its rows and how many there are. */
  const published = async (): Promise<Record<string, unknown>[]> =>
    await rows(
      hive,
      `SELECT campaign, SUBSTR(product_name, 1, 1) AS mark, CAST(count(*) AS int) AS n FROM ${table}
       WHERE reference_date = DATE '2022-08-31' GROUP BY campaign, SUBSTR(product_name, 1, 1) ORDER BY campaign, mark`,
    );

  const expected = (mark: string, customers: number): Record<string, unknown>[] =>
    campaigns.slice(0, 2).map((campaign) => ({ campaign, mark, n: 3 * customers }));

  const stagingTables = async (): Promise<unknown[]> => {
    const names = (await rows(hive, `SHOW TABLES IN ${database}`)).map((row) => String(Object.values(row)[0]));
    return names.filter((name) => name.startsWith('recommendations_bw_'));
  };

  it('writes what was computed, exactly, through statements and through a shared folder', async () => {
    const sample = `SELECT customer, rank, product_code, product_name, score, probability, source, cluster, reason, campaign FROM ${table} WHERE customer = '06'`;
    const found: unknown[] = [];
    for (const [run, shared] of [
      ['r1', undefined],
      ['r2', folder],
    ] as const) {
      const counted = await publish('A', 10, run, shared === undefined ? {} : { shared });
      expect(counted).toEqual([
        { campaign: campaigns[0], rows: 30, customers: 10 },
        { campaign: campaigns[1], rows: 30, customers: 10 },
        { campaign: campaigns[2], rows: 0, customers: 0 },
      ]);
      expect(await published()).toEqual(expected('A', 10));
      found.push((await rows(hive, sample)).map((row) => JSON.stringify(row)).sort());
    }
    expect(found[0]).toEqual(found[1]);
    const row = (rank: number, campaign: string): string =>
      JSON.stringify({
        ...{ customer: '06', rank, product_code: `P${rank}`, product_name: `A '정기' \\예금\t${rank}`, score: 0.85714287 },
        ...{ probability: null, source: 'als', cluster: 1, reason: null, campaign },
      });
    expect(found[0]).toHaveLength(6);
    expect(found[0]).toContain(row(2, campaigns[1]!));
    expect(await rows(hive, `SHOW PARTITIONS ${table}`)).toHaveLength(3);
    expect(await stagingTables()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['spill']);
  });

  it('replaces a date that is published again, drops campaigns that are no more, leaves other dates', async () => {
    await publishToHive(hive, duckdb, results('Z', 2), { table, referenceDate: '2022-07-31', campaigns, run: 'r3' });
    await publish('B', 7, 'r4');
    expect(await published()).toEqual(expected('B', 7));
    await publishToHive(hive, duckdb, results('C', 3), {
      table,
      referenceDate: '2022-08-31',
      campaigns: campaigns.slice(0, 1),
      run: 'r5',
    });
    expect(await published()).toEqual(expected('C', 3).slice(0, 1));
    expect(await rows(hive, `SELECT CAST(count(*) AS int) AS n FROM ${table} WHERE reference_date = DATE '2022-07-31'`)).toEqual([
      { n: 12 },
    ]);
  });

  it('interrupted before any of its steps: every partition is whole, the old or the new one; the next run mends it', async () => {
    const steps: PublishStep[] = [];
    await publish('A', 5, 'plain', { step: (step) => void steps.push(step) });
    expect(steps).toEqual(['create', 'stage', 'validate', 'swap', 'swap', 'swap', 'tidy']);
    for (const fatal of steps.keys()) {
      // up to the first swap the old partitions are still there
      if (fatal > 4) await publish('A', 5, `old${fatal}`);
      let at = 0;
      const work = publish('B', 6, `new${fatal}`, {
        step: () => {
          if (at++ === fatal) throw new AppError('terminated', 'injected', '');
        },
      });
      await expect(work, steps[fatal]).rejects.toThrow('injected');
      const swapped = Math.max(0, fatal - 3);
      const whole = [...expected('B', 6).slice(0, swapped), ...expected('A', 5).slice(swapped)];
      expect(await published(), `before step ${fatal}, ${steps[fatal]}`).toEqual(whole);
      expect(await stagingTables()).toEqual([]);
    }
    await publish('B', 6, 'last');
    expect(await published()).toEqual(expected('B', 6));
  });

  it('drops the staging table that a killed run left', async () => {
    await hive.run(`CREATE TABLE ${database}.recommendations_bw_20220831_killed (x int)`);
    expect(await stagingTables()).toHaveLength(1);
    await publish('A', 2, 'after');
    expect(await stagingTables()).toEqual([]);
  });

  it('rows that did not arrive: 74, the old partition stays', async () => {
    await publish('A', 5, 'before');
    const error: unknown = await publish('B', 6, 'lossy', {
      step: async (step) => {
        if (step !== 'validate') return;
        const staging = `${database}.recommendations_bw_20220831_lossy`;
        await hive.run(`INSERT INTO ${staging} PARTITION (reference_date = '2022-08-31', campaign = '${campaigns[0]}')
          SELECT customer, 9, product_code, product_name, score, probability, source, cluster, reason FROM ${staging} LIMIT 1`);
      },
    }).catch((reason: unknown) => reason);
    if (error instanceof AppError) {
      expect(error.exitCode).toBe(74);
      expect(error.message).toContain(table);
      expect(await published()).toEqual(expected('A', 5));
    } else expect.fail('the counts were not compared');
  });
});
