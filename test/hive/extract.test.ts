import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, type ExtractRequest, extractSnapshot, type HiveEngine } from '@basketwise/data';
import { exitCodes } from '@basketwise/pipeline/exit-codes';
import { beforeAll, describe, expect, it } from 'vitest';
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
