import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import {
  type ColumnBatch,
  type DuckdbEngine,
  HiveEngine,
  type HiveSettings,
  type HiveStatementOptions,
  type PublishStep,
  publishRowsToHive,
  publishToHive,
  type RowsToPublish,
  type StatementOptions,
} from '@basketwise/data';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from './fixtures/database.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { rows } from './fixtures/settings.ts';

const missing = whyNoServer();
const database = 'bw_publish';
const table = `${database}.recommendations`;
const campaigns = ['deposit-upsell', '보험-cross', 'fund-cross'];
/** A publication is ended at every so many statements: at each takes a quarter of an hour. */
const stride = process.env.BASKETWISE_EVERY_STATEMENT ? 1 : 8;

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
      { table, referenceDate: '2022-08-31', campaigns, run, publisher: 'p1', shared: options.shared },
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

  const ownTables = async (): Promise<string[]> => {
    const names = (await rows(hive, `SHOW TABLES IN ${database}`)).map((row) => String(Object.values(row)[0]));
    return names.filter((name) => name.startsWith('recommendations_bw_'));
  };

  const locationOf = async (described: string): Promise<string> => {
    const found = await rows(hive, `DESCRIBE FORMATTED ${described}`);
    const line = found.find(({ col_name }) => String(col_name).trim() === 'Location:');
    return String(line!.data_type)
      .trim()
      .replace(/^file:/, '');
  };

  /** Folders of staging that hold no published partition, of all dates. */
  const strayFolders = async (): Promise<string[]> => {
    const home = dirname(await locationOf(table));
    const used: string[] = [];
    for (const row of await rows(hive, `SHOW PARTITIONS ${table}`)) {
      const [date, campaign] = String(Object.values(row)[0]).split('/');
      const spec = `(reference_date = '${date!.split('=')[1]}', campaign = '${campaign!.split('=')[1]}')`;
      used.push(await locationOf(`${table} PARTITION ${spec}`));
    }
    const folders = readdirSync(home).filter((name) => name.startsWith('recommendations_bw_'));
    return folders.filter((name) => !used.some((path) => path.startsWith(`${home}/${name}/`)));
  };

  /** Takes the date's partitions away, and their files, as if nothing had been published. */
  const forget = async (): Promise<void> => {
    await hive.run(`ALTER TABLE ${table} DROP IF EXISTS PARTITION (reference_date = '2022-08-31')`);
    const home = dirname(await locationOf(table));
    for (const name of await strayFolders()) rmSync(join(home, name), { recursive: true });
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
    expect(await ownTables()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['spill']);
  });

  it('replaces a date that is published again, drops campaigns that are no more, leaves other dates', async () => {
    await publishToHive(hive, duckdb, results('Z', 2), {
      table,
      referenceDate: '2022-07-31',
      campaigns,
      run: 'r3',
      publisher: 'p1',
    });
    await publish('B', 7, 'r4');
    expect(await published()).toEqual(expected('B', 7));
    await publishToHive(hive, duckdb, results('C', 3), {
      table,
      referenceDate: '2022-08-31',
      campaigns: campaigns.slice(0, 1),
      run: 'r5',
      publisher: 'p1',
    });
    expect(await published()).toEqual(expected('C', 3).slice(0, 1));
    expect(await rows(hive, `SELECT CAST(count(*) AS int) AS n FROM ${table} WHERE reference_date = DATE '2022-07-31'`)).toEqual([
      { n: 12 },
    ]);
    expect(await strayFolders()).toEqual([]);
  });

  it('the same run published twice, through statements and through a shared folder: its rows are there', async () => {
    for (const shared of [undefined, folder]) {
      for (const mark of ['A', 'B']) {
        await publish(mark, 5, 'same', shared === undefined ? {} : { shared });
        expect(await published()).toEqual(expected(mark, 5));
        expect(await ownTables()).toEqual([]);
        expect(await strayFolders()).toEqual([]);
      }
    }
  });

  const steps: PublishStep[] = ['create', 'stage', 'validate', 'swap', 'swap', 'tidy'];

  it.each([
    { which: 'first', way: 'statements' },
    { which: 'repeated', way: 'statements' },
    { which: 'first', way: 'a shared folder' },
    { which: 'repeated', way: 'a shared folder' },
  ])(
    'a $which publication through $way fails at any step: every partition is whole, nothing is left',
    { timeout: 900_000 },
    async ({ which, way }) => {
      const shared = way === 'statements' ? undefined : folder;
      // the second has no rows
      const two = [campaigns[0]!, campaigns[2]!];
      const publication = { table, referenceDate: '2022-08-31', campaigns: two, run: 'same', publisher: 'p1', shared };
      await publishToHive(hive, duckdb, results('Z', 2), publication);
      for (const [fatal, step] of steps.entries()) {
        if (which === 'first') await forget();
        const before = await published();
        const mark = 'ABCDEF'[fatal]!;
        const taken: PublishStep[] = [];
        const watch = {
          step: (next: PublishStep) => {
            if (taken.push(next) > fatal) throw new AppError('terminated', 'injected', '');
          },
        };
        await expect(publishToHive(hive, duckdb, results(mark, 2), publication, watch), step).rejects.toThrow('injected');
        expect(taken).toEqual(steps.slice(0, fatal + 1));
        // the campaign with rows is the first to be swapped
        const whole = fatal > 3 ? expected(mark, 2).slice(0, 1) : before;
        expect(await published(), `before step ${fatal}, ${step}`).toEqual(whole);
        expect(await ownTables()).toEqual([]);
        expect(await strayFolders()).toEqual([]);
        expect(readdirSync(folder)).toEqual(['spill']);
      }
      await publishToHive(hive, duckdb, results('Y', 2), publication);
      expect(await published()).toEqual(expected('Y', 2).slice(0, 1));
    },
  );

  /** An engine that ends at its n-th statement: as a killed process does, before it, or as a lost answer does, after it. */
  class EndingEngine extends HiveEngine {
    readonly #kind: string;
    #left: number;

    constructor(settings: HiveSettings, kind: string, statements: number) {
      super(settings);
      this.#kind = kind;
      this.#left = statements;
    }

    override async run(sql: string, options?: HiveStatementOptions): Promise<void> {
      this.#begin();
      await super.run(sql, options);
      this.#end();
    }

    override async *query(sql: string, options?: StatementOptions): AsyncGenerator<ColumnBatch> {
      this.#begin();
      yield* super.query(sql, options);
      this.#end();
    }

    #begin(): void {
      if (--this.#left < 0 && this.#kind === 'killed') throw new Error('killed');
    }

    #end(): void {
      if (this.#left === 0 && this.#kind === 'lost') throw new AppError('unreachable', 'lost', '');
    }
  }

  it.each(['killed', 'lost'])(
    '%s at statements of a repeated publication: what is published is whole, files go with the next',
    { timeout: 1_800_000 },
    async (kind) => {
      const two = campaigns.slice(0, 2);
      const loaded = join(folder, 'loaded');
      mkdirSync(loaded, { recursive: true });
      for (const mark of ['A', 'B']) {
        const file = join(loaded, `${mark}.parquet`);
        const select = `SELECT * EXCLUDE (campaign) REPLACE (CAST(rank AS INTEGER) AS rank, CAST(cluster AS INTEGER) AS cluster, CAST(probability AS FLOAT) AS probability, CAST(reason AS VARCHAR) AS reason)`;
        await duckdb.run(`COPY (${select} FROM ${results(mark, 1)} WHERE campaign = '${two[0]}') TO '${file}' (FORMAT parquet)`);
      }
      /** Rows that come in one file, at once. */
      const rowsOf = (engine: HiveEngine, mark: string): RowsToPublish => ({
        counts: async () => two.map((campaign) => ({ campaign, rows: 3, customers: 1, ranks: 6 })),
        fill: (_, into, partition) =>
          engine.run(`LOAD DATA LOCAL INPATH '${loaded}/${mark}.parquet' OVERWRITE INTO TABLE ${into} PARTITION ${partition}`),
      });
      const attempt = async (mark: string, engine: HiveEngine): Promise<unknown> => {
        const publication = { table, referenceDate: '2022-08-31', campaigns: two, run: 'same', publisher: 'p1' };
        return await publishRowsToHive(engine, rowsOf(engine, mark), publication).then(
          () => undefined,
          (error: unknown) => error,
        );
      };
      expect(await attempt('A', hive)).toBeUndefined();
      /** What is published, fetched as it is: no job has to run for that. */
      const fetched = async (): Promise<{ campaign: unknown; mark: string; n: number }[]> => {
        const found = await rows(hive, `SELECT campaign, product_name FROM ${table} WHERE reference_date = DATE '2022-08-31'`);
        return two.map((campaign) => {
          const own = found.filter((row) => row.campaign === campaign).map((row) => String(row.product_name)[0]!);
          return { campaign, mark: [...new Set(own)].join(), n: own.length };
        });
      };
      let statements = kind === 'killed' ? 1 : 3;
      let mark = 'B';
      for (; ; statements += stride, mark = mark === 'A' ? 'B' : 'A') {
        const engine = new EndingEngine(hive.settings, kind, kind === 'killed' ? statements - 1 : statements);
        const failure = await attempt(mark, engine);
        await engine.close();
        const found = await fetched();
        expect(
          found.map(({ campaign, n, mark }) => [campaign, n, mark.length]),
          `${kind} at statement ${statements}`,
        ).toEqual(two.map((name) => [name, 3, 1]));
        if (failure === undefined) break;
        expect(String(failure)).toContain(kind);
      }
      expect(statements).toBeGreaterThan(15);
      expect(await published()).toEqual(expected(mark, 1));
      expect(await ownTables()).toEqual([]);
      expect(await strayFolders()).toEqual([]);
      rmSync(loaded, { recursive: true });
    },
  );

  it('leaves what others have: a table that looks like its own, a publication at work, files that were never its own', async () => {
    const alien = `${database}.recommendations_bw_20220831_alien`;
    await hive.run(`CREATE TABLE ${alien} (x int)`);
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o777 });
    writeFileSync(join(elsewhere, 'kept'), '');
    await hive.run(
      `ALTER TABLE ${table} ADD IF NOT EXISTS PARTITION (reference_date = '2022-06-30', campaign = '${campaigns[0]}') LOCATION 'file://${elsewhere}'`,
    );
    await hive.run(
      `ALTER TABLE ${table} ADD IF NOT EXISTS PARTITION (reference_date = '2022-06-30', campaign = '${campaigns[1]}')`,
    );
    const inserted = await locationOf(`${table} PARTITION (reference_date = '2022-06-30', campaign = '${campaigns[1]}')`);
    const other = { table, referenceDate: '2022-06-30', campaigns, run: 'other' };
    let seen: string[] = [];
    await publishToHive(
      hive,
      duckdb,
      results('O', 2),
      { ...other, publisher: 'p2' },
      {
        step: async (step) => {
          if (step !== 'validate') return;
          await publishToHive(hive, duckdb, results('A', 2), { ...other, publisher: 'p1' });
          seen = await ownTables();
        },
      },
    );
    expect(seen).toHaveLength(2);
    expect(await ownTables()).toEqual(['recommendations_bw_20220831_alien']);
    expect(await rows(hive, `SELECT CAST(count(*) AS int) AS n FROM ${table} WHERE reference_date = DATE '2022-06-30'`)).toEqual([
      { n: 12 },
    ]);
    expect(readdirSync(elsewhere)).toEqual(['kept']);
    expect(existsSync(inserted)).toBe(false);
    await hive.run(`DROP TABLE ${alien}`);
  });

  it('rows that did not arrive: 74, the old partition stays', async () => {
    await publish('A', 5, 'before');
    const error: unknown = await publish('B', 6, 'lossy', {
      step: async (step) => {
        if (step !== 'validate') return;
        const staging = `${database}.${(await ownTables())[0]}`;
        await hive.run(`INSERT INTO ${staging} PARTITION (reference_date = '2022-08-31', campaign = '${campaigns[0]}')
          SELECT customer, 9, product_code, product_name, score, probability, source, cluster, reason FROM ${staging} LIMIT 1`);
      },
    }).catch((reason: unknown) => reason);
    if (error instanceof AppError) {
      expect(error.code).toBe('cannot-write');
      expect(error.message).toContain(table);
      expect(await published()).toEqual(expected('A', 5));
    } else expect.fail('the counts were not compared');
  });
});
