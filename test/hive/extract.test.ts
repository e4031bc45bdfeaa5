import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, exitCodes } from '@basketwise/core';
import {
  checkSources,
  type DuckdbEngine,
  type ExtractRequest,
  extractSnapshot,
  type FeatureRequest,
  findDataFaults,
  newestDay,
  queryRows,
} from '@basketwise/data';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { createWorkTables, fromWorkTables, planWorkTables } from '../../packages/hive/src/server/work-tables.ts';
import { smallRequest, writeBank } from '../unit/data/bank.ts';
import { useDatabase } from './fixtures/database.ts';
import { whyNoServer } from './fixtures/hive-server.ts';
import { loadTable } from './fixtures/load.ts';

const missing = whyNoServer();
const database = 'bw_extract';

describe.skipIf(missing)(`extraction from HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useDatabase(database);
  const { folder } = bench;
  let hive: HiveEngine;
  let duckdb: DuckdbEngine;

  beforeAll(async () => {
    ({ hive, duckdb } = bench);
    await writeBank(folder);
    for (const name of ['customers', 'products', 'holdings']) {
      const { from } = await duckdb.relation({ from: `${name}.csv` }, { text: ['csno'] });
      await loadTable(duckdb, hive, name, `SELECT * FROM ${from}`, folder);
    }
  });

  const tablesOfHive = (changes: Partial<ExtractRequest> = {}): ExtractRequest => {
    const request = smallRequest(changes);
    return {
      ...request,
      customers: { ...request.customers, from: 'customers' },
      products: { ...request.products, from: `${database}.products` },
      holdings: { ...request.holdings, from: 'holdings' },
    };
  };

  it('writes the very bytes that DuckDB writes from the same data', async () => {
    const expected = await extractSnapshot(duckdb, smallRequest(), join(folder, 'by-duckdb'));
    const manifest = await extractSnapshot(hive, tablesOfHive(), join(folder, 'by-hive'), { workbench: duckdb });
    for (const name of ['customers', 'products', 'holdings']) {
      const [byDuckdb, byHive] = ['by-duckdb', 'by-hive'].map((run) => readFileSync(join(folder, run, `${name}.parquet`)));
      expect(byHive!.equals(byDuckdb!), name).toBe(true);
    }
    expect(manifest).toEqual(expected);
    const queries = readFileSync(join(folder, 'by-hive', 'queries.sql'), 'utf8');
    expect(queries.match(/^-- \w+$/gm)).toEqual(['-- customers', '-- products', '-- holdings']);
    expect(queries).toContain('FROM `bw_extract`.`products` products');
  });

  it('finds the faults that DuckDB finds in the same data, those of contacts too', async () => {
    await writeFile(
      join(folder, 'contacts.csv'),
      'customer,what,day\n007,D002,2022-08-01\n99,D002,2022-08-01\n12,X,2022-08-01\n',
    );
    const { from } = await duckdb.relation({ from: 'contacts.csv' }, { text: ['customer', 'what'] });
    await loadTable(duckdb, hive, 'contacts', `SELECT * FROM ${from}`, folder);
    const offers = (table: string) => ({
      offers: {
        ...{ classes: ['deposit'], campaigns: ['upsell'] },
        contacts: { from: table, customer: 'customer', what: 'what', by: 'code' as const, when: 'day' },
      },
    });
    const [inFiles, inHive] = [smallRequest(offers('contacts.csv')), tablesOfHive(offers('contacts'))];
    const [expected, found] = [await findDataFaults(duckdb, inFiles), await findDataFaults(hive, inHive)];
    expect(expected.faults.filter(({ table }) => table === 'contacts')).toHaveLength(2);
    // rows of Hive have no numbers
    expect(found.faults).toEqual(expected.faults.map((fault) => ({ ...fault, examples: [] })));
    expect(await checkSources(hive, inHive)).toEqual(await checkSources(duckdb, inFiles));
    expect(await newestDay(hive, inHive)).toBe(await newestDay(duckdb, inFiles));
  });

  it('writes the very bytes of features that DuckDB writes, those of the history too', async () => {
    const dated = (column: string) => `${column} + year(:date) + month(:date)`;
    const features = (from: string): FeatureRequest => ({
      ...{ dates: ['2022-08-31', '2022-07-31', '2022-05-31'], tableDate: '2022-08-31', kept: [], derive: { AGED: dated('AGE') } },
      items: [
        { name: 'sex', column: 'SEX_CD', kind: 'text', fixed: true, place: 'features.sex' },
        { name: 'age', sql: dated('AGE'), kind: 'number', fixed: true, place: 'features.age' },
        { name: 'aged', column: 'AGED', kind: 'number', fixed: false, place: 'features.aged' },
        { name: 'balance', column: 'HD', kind: 'number', fixed: false, place: 'features.balance' },
        { name: 'consent', sql: 'upper(customers.CONSENT_YN)', kind: 'text', fixed: false, place: 'features.consent' },
      ],
      history: { from, id: 'csno', date: 'base' },
    });
    const rows = `007,2022-07-15,1,5,y\n007,2022-06-15,2,,n\n12,2022-06-30,,7,\n가나,2022-08-30,4,1,y\n5,2022-09-30,4,1,y\n`;
    await writeFile(join(folder, 'history.csv'), `csno,base,AGE,HD,CONSENT_YN\n${rows}`);
    const { from } = await duckdb.relation({ from: 'history.csv' }, { text: ['csno'] });
    await loadTable(duckdb, hive, 'history', `SELECT * FROM ${from}`, folder);
    const asked = (table: string) => ({ derive: { ...smallRequest().derive, AGED: 'AGE + 2030' }, features: features(table) });
    const expected = await extractSnapshot(duckdb, smallRequest(asked('history.csv')), join(folder, 'features-duckdb'));
    const manifest = await extractSnapshot(hive, tablesOfHive(asked('history')), join(folder, 'features-hive'), {
      workbench: duckdb,
    });
    expect(manifest).toEqual(expected);
    expect(manifest.features!.columns.map(({ at }) => at.map((cell) => cell?.table ?? null))).toEqual([
      ...[
        ['customers', 'customers', 'customers'],
        ['customers', 'customers', 'customers'],
      ],
      ...[
        ['customers', 'past', null],
        ['customers', 'past', null],
        ['customers', 'past', null],
      ],
    ]);
    for (const name of ['customers', 'past']) {
      const [byDuckdb, byHive] = ['duckdb', 'hive'].map((run) =>
        readFileSync(join(folder, `features-${run}`, `${name}.parquet`)),
      );
      expect(byHive!.equals(byDuckdb!), name).toBe(true);
    }
    expect(readFileSync(join(folder, 'features-hive', 'queries.sql'), 'utf8')).toContain('-- customers.history\n');
  });

  it('reads queries as it reads tables', async () => {
    const request = tablesOfHive();
    const { from: _from, ...customers } = request.customers;
    const manifest = await extractSnapshot(
      hive,
      { ...request, customers: { ...customers, sql: "SELECT * FROM customers WHERE csno <> '5' -- one less" } },
      join(folder, 'by-query'),
      { workbench: duckdb },
    );
    expect(manifest.customers.kept).toBe(4);
  });

  it('work tables keep the day on which a customer joined', async () => {
    const joined = "CASE csno WHEN '007' THEN '20200229' WHEN '12' THEN '2022-09-01' END AS JOINED";
    const work = { schema: database, prefix: 'since_', format: 'parquet' } as const;
    const request = tablesOfHive();
    const { from: _from, ...customers } = request.customers;
    const asked = { ...request, customers: { ...customers, sql: `SELECT c.*, ${joined} FROM customers c`, since: 'JOINED' } };
    await createWorkTables(hive, planWorkTables(asked, work, hive.dialect));
    const ways = { direct: asked, worked: fromWorkTables(asked, work, hive.dialect) };
    for (const [way, found] of Object.entries(ways))
      await extractSnapshot(hive, found, join(folder, `since-${way}`), { workbench: duckdb });
    const [direct, byWork] = Object.keys(ways).map((way) => join(folder, `since-${way}`, 'customers.parquet'));
    expect(readFileSync(byWork!).equals(readFileSync(direct!))).toBe(true);
    const since = await queryRows(
      duckdb,
      `SELECT id, CAST(since AS VARCHAR) AS since FROM read_parquet('${byWork}') ORDER BY id`,
    );
    // 12 joined after the reference date
    expect(since.map(({ id }) => id)).not.toContain('12');
    expect(since.filter((row) => row.since !== null)).toEqual([{ id: '007', since: '2020-02-29' }]);
    // without it they would be other tables
    const other = fromWorkTables({ ...asked, customers: { ...asked.customers, since: null } }, work, hive.dialect);
    const stale = extractSnapshot(hive, other, join(folder, 'stale'), { workbench: duckdb });
    await expect(stale).rejects.toMatchObject({ code: 'missing-input' });
  });

  it('an empty table: 66', async () => {
    await hive.run('CREATE TABLE nobody LIKE customers');
    const request = tablesOfHive();
    const work = extractSnapshot(
      hive,
      { ...request, customers: { ...request.customers, from: 'nobody' } },
      join(folder, 'none'),
      {
        workbench: duckdb,
      },
    );
    const error: unknown = await work.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('missing-input');
    expect((error as AppError).message).toContain(`table nobody (Hive at ${bench.server.host}:${bench.server.port})`);
  });

  it.each([
    { what: 'a missing column', changes: { columns: [{ name: 'NOPE', kind: 'number' as const }] }, code: 65, names: 'NOPE' },
    {
      what: 'text for a number',
      changes: { columns: [{ name: 'CONSENT_YN', kind: 'number' as const }] },
      code: 65,
      names: 'CONSENT_YN',
    },
    { what: 'bad SQL in a rule', changes: { rules: [{ reason: 'X', require: 'AGE >=' }] }, code: 78, names: 'rules[0].require' },
    {
      what: 'a rule that is two',
      changes: { rules: [{ reason: 'X', require: 'true) OR (true' }] },
      code: 78,
      names: 'rules[0].require',
    },
    {
      what: 'a rule that is a number',
      changes: { rules: [{ reason: 'X', require: 'AGE + 1' }] },
      code: 78,
      names: 'rules[0].require',
    },
  ])('$what: $code', async ({ changes, code, names }) => {
    const error: unknown = await extractSnapshot(hive, tablesOfHive(changes), join(folder, 'bad'), { workbench: duckdb }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).message).toContain(names);
    expect(exitCodes[(error as AppError).code]).toBe(code);
  });

  it.each([
    ['20240229', '2024-02-29'],
    ['2023-02-29', null],
    ['20231301', null],
    [' 1931-12-31 ', '1931-12-31'],
    ['2024-2-9', null],
    ['2024/02/09', null],
    ['99991231', '9999-12-31'],
  ])('reads the date %j as DuckDB does', async (text, date) => {
    for (const engine of [hive, duckdb]) {
      const sql = `SELECT ${engine.dialect.asText(engine.dialect.asDate('v', 'text'))} AS d FROM (SELECT ${engine.dialect.text(text)} AS v) t`;
      for await (const { columns, nulls } of engine.query(sql)) {
        expect(nulls.d?.[0] ? null : columns.d![0], engine.dialect.name).toBe(date);
      }
    }
  });
});
