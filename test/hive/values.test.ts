import { beforeAll, describe, expect, it } from 'vitest';
import { bringRows } from '../../packages/hive/src/server/bring.ts';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { useDatabase } from './fixtures/database.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { rows, rowsOf } from './fixtures/settings.ts';

const missing = whyNoServer();

describe.skipIf(missing)(`values through HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useDatabase('bw_values');
  let engine: HiveEngine;

  beforeAll(() => {
    engine = bench.hive;
  });

  it('survive both ways exactly', async () => {
    await engine.run(
      'CREATE TABLE kinds (id string, name varchar(40), day date, big bigint, exact decimal(38,10), score double, flag boolean, small smallint, int_ int)',
    );
    await engine.run(`INSERT INTO kinds VALUES
      ('0007', '행복한 정기예금 😀', date '1932-02-29', 9007199254740993, 1234567890123456789012345678.0123456789, 0.1, true, -7, 2147483647),
      ('', '', date '9999-12-31', -9223372036854775808, -0.0000000001, -1e300, false, 0, -2147483648),
      (null, null, null, null, null, null, null, null, null)`);
    const found = await rows(engine, 'SELECT * FROM kinds');
    expect(found).toHaveLength(3);
    expect(found).toContainEqual({
      ...{ id: '0007', name: '행복한 정기예금 😀', day: -13821, big: 9007199254740993n },
      ...{ exact: '1234567890123456789012345678.0123456789', score: 0.1, flag: 1, small: -7, int_: 2147483647 },
    });
    expect(found).toContainEqual({
      ...{ id: '', name: '', day: 2932896, big: -9223372036854775808n },
      ...{ exact: '-0.0000000001', score: -1e300, flag: 0, small: 0, int_: -2147483648 },
    });
    expect(found).toContainEqual({
      ...{ id: null, name: null, day: null, big: null, exact: null, score: null, flag: null, small: null, int_: null },
    });
  });

  it.each(['statements', 'a shared folder'])('are written back exactly through %s', async (way) => {
    const table = way === 'statements' ? 'written_by_statements' : 'written_by_file';
    const columns = {
      ...{ id: 'string', name: 'string', day: 'date', big: 'bigint', exact: 'decimal(38,10)', score: 'double', number: 'int' },
    } as const;
    const declared = Object.entries(columns).map(([name, type]) => `\`${name}\` ${type}`);
    await engine.run(`CREATE TABLE ${table} (${declared.join(', ')}) STORED AS PARQUET`);
    const select = `SELECT * FROM (VALUES
      ('0007', '행복한 ''정기'' \\예금 😀' || chr(10) || chr(9), DATE '1932-02-29', 9007199254740993::BIGINT,
        1234567890123456789012345678.0123456789::DECIMAL(38,10), 0.1::DOUBLE, 2147483647::INTEGER),
      ('', '', DATE '1600-02-29', (-9223372036854775808)::BIGINT, -0.0000000001::DECIMAL(38,10), -1e300::DOUBLE, (-2147483648)::INTEGER),
      ('1', 'x', DATE '1969-12-31', 0::BIGINT, 0::DECIMAL(38,10), 12345678901234.567::DOUBLE, 0::INTEGER),
      ('2', 'y', DATE '1970-01-01', 1::BIGINT, 1::DECIMAL(38,10), 1.2345678901234567e-17::DOUBLE, 1::INTEGER),
      ('3', 'z', DATE '9999-12-31', 1::BIGINT, 1::DECIMAL(38,10), 'nan'::DOUBLE, 1::INTEGER),
      (NULL, NULL, NULL, NULL, NULL, NULL, NULL)) t(id, name, day, big, exact, score, number)`;
    const shared = way === 'statements' ? undefined : bench.folder;
    await bringRows(engine, bench.duckdb, select, { table, columns, shared, publisher: 'test' }, {});
    const [sent, arrived] = await Promise.all([rows(bench.duckdb, select), rows(engine, `SELECT * FROM ${table}`)]);
    const byId = (found: Record<string, unknown>[]) => found.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
    expect(byId(arrived)).toEqual(byId(sent));
  });

  it('a moment has its day in the zone of the session', async () => {
    // ORC of this version writes such columns and does not read them
    await engine.run(
      'CREATE TABLE moments (id string, moment timestamp with local time zone, plain timestamp) STORED AS TEXTFILE',
    );
    await engine.run(`INSERT INTO moments VALUES
      ('midnight', CAST('2022-08-30 15:00:00 UTC' AS timestamp with local time zone), CAST('2022-08-31 00:00:00' AS timestamp)),
      ('before', CAST('2022-08-30 14:59:59 UTC' AS timestamp with local time zone), CAST('2022-08-30 23:59:59' AS timestamp))`);
    const days = async (zone: string): Promise<unknown[]> => {
      const zoned = new HiveEngine({ ...engine.settings, session: { 'hive.local.time.zone': zone } });
      const types = await zoned.columns('moments');
      expect(types.map(({ type }) => zoned.dialect.isZoned(type))).toEqual([false, true, false]);
      const day = (name: string) => `CAST(${zoned.dialect.asDate(name, 'date')} AS string)`;
      const found = await rows(
        zoned,
        `SELECT id, ${day('moment')} AS m, ${day('plain')} AS p, count(*) AS n FROM moments GROUP BY id, ${day('moment')}, ${day('plain')}`,
      );
      await zoned.close();
      return found.map(({ id, m, p }) => [id, m, p]).sort();
    };
    expect(await days('Asia/Seoul')).toEqual([
      ['before', '2022-08-30', '2022-08-30'],
      ['midnight', '2022-08-31', '2022-08-31'],
    ]);
    expect(await days('UTC')).toEqual([
      ['before', '2022-08-30', '2022-08-30'],
      ['midnight', '2022-08-30', '2022-08-31'],
    ]);
  });

  it('come as typed columns, nulls marked at every place of the bitmap', async () => {
    const sql = `SELECT IF(v % 3 = 0, null, v) AS i, CAST(v AS bigint) AS big, CAST(v AS double) / 4 AS d, CONCAT('상품', v) AS s
      FROM (SELECT pos AS v FROM (SELECT posexplode(split(repeat('x,', 12344), ',')) AS (pos, x)) p) q`;
    let seen = 0;
    for await (const { columns, nulls, rows: count } of engine.query(sql)) {
      const { i, big, d, s } = columns as { i: Int32Array; big: BigInt64Array; d: Float64Array; s: string[] };
      expect(i).toBeInstanceOf(Int32Array);
      expect(big).toBeInstanceOf(BigInt64Array);
      expect(d).toBeInstanceOf(Float64Array);
      expect(Object.keys(nulls)).toEqual(['i']);
      for (let row = 0; row < count; row++, seen++) {
        expect(nulls.i![row]).toBe(seen % 3 === 0 ? 1 : 0);
        if (seen % 3 !== 0) expect(i[row]).toBe(seen);
        if (big[row] !== BigInt(seen) || d[row] !== seen / 4 || s[row] !== `상품${seen}`) expect.fail(`row ${seen} differs`);
      }
    }
    expect(seen).toBe(12345);
  });

  it('names columns as the statement does, of a table or a query', async () => {
    await engine.run('CREATE TABLE parted (`상품` string) PARTITIONED BY (day date)');
    expect(await engine.columns('parted t')).toEqual([
      { name: '상품', type: 'string' },
      { name: 'day', type: 'date' },
    ]);
    expect(await engine.columns('(SELECT `상품`, 1 AS one, CAST(1 AS decimal(38,10)) AS exact FROM parted) t')).toEqual([
      { name: '상품', type: 'string' },
      { name: 'one', type: 'int' },
      { name: 'exact', type: 'decimal(38,10)' },
    ]);
    expect(await engine.tables()).toContain('parted');
    expect(await rows(engine, 'SELECT * FROM parted')).toEqual([]);
  });

  it('keeps two statements on one connection apart, and frees an unfinished one', async () => {
    const outer = engine.query(`SELECT a.v FROM ${rowsOf(200, 'a')} CROSS JOIN ${rowsOf(200, 'b')}`);
    const first = await outer.next();
    expect(await rows(engine, 'SELECT 7 AS seven')).toEqual([{ seven: 7 }]);
    const second = await outer.next();
    await outer.return(undefined);
    expect([first.value.rows > 0, second.value.rows > 0]).toEqual([true, true]);
    expect(await rows(engine, 'SELECT 8 AS eight')).toEqual([{ eight: 8 }]);
  });
});
