import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckdbEngine, type DuckdbOptions, type ExtractRequest, openDuckdb } from '@basketwise/data';
import { onTestFinished } from 'vitest';

/** A folder that goes when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** DuckDB over a folder, closed when the test ends. */
export async function openEngine(path: string, options: Partial<DuckdbOptions> = {}): Promise<DuckdbEngine> {
  const engine = await openDuckdb({ memory: '500MB', threads: 2, tempDirectory: join(path, '..', 'spill'), path, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

/** A small bank as CSV texts; its traps are named in the tests. */
export const smallBank = {
  customers:
    'csno,AGE,SEX_CD,HD,CONSENT_YN\n' +
    '007,35,1,2,Y\n' +
    '12,17,2,0,Y\n' +
    '9007199254740993,70,1,1,N\n' +
    '가나,41,2,,\n' +
    '5,,1,3.5,Y\n',
  products:
    'gds_cd,gds_korn_nm,gds_class,sale_end_dt\n' +
    'D002,정기예금,deposit,99991231\n' +
    'D001,정기예금,deposit,20200101\n' +
    'D003,e우체국 통장,deposit,\n' +
    'I001,든든 보험,insurance,2022-08-31\n' +
    'I002,옛 보험,insurance,2022-08-30\n',
  holdings:
    'csno,gds_korn_nm,open_dt,close_dt,joint\n' +
    '007,정기예금,20220801,99991231,N\n' +
    '007,e우체국 통장,20200229,,N\n' +
    '12,든든 보험,20220901,,N\n' +
    '9007199254740993,든든 보험,,,N\n' +
    '9007199254740993,옛 보험,19691231,20220831,N\n' +
    '5,없는 상품,20220101,,N\n' +
    '5,없는 상품,20220102,,N\n' +
    '99,정기예금,20220101,,N\n' +
    ',정기예금,20220101,,N\n' +
    '5,,20220101,,N\n' +
    '5,정기예금,20220101,,Y\n',
};

/** Writes tables as CSV files into a folder. */
export async function writeBank(folder: string, tables: Readonly<Record<string, string>> = smallBank): Promise<void> {
  for (const [name, text] of Object.entries(tables)) await writeFile(join(folder, `${name}.csv`), text);
}

/** The request of the tests for the small bank. */
export function smallRequest(changes: Partial<ExtractRequest> = {}): ExtractRequest {
  return {
    referenceDate: '2022-08-31',
    customers: { from: 'customers.csv', id: 'csno' },
    products: { from: 'products.csv', code: 'gds_cd', name: 'gds_korn_nm', class: 'gds_class', saleEnd: 'sale_end_dt' },
    holdings: {
      from: 'holdings.csv',
      customer: 'csno',
      product: 'gds_korn_nm',
      by: 'name',
      date: 'open_dt',
      closed: 'close_dt',
      where: "joint = 'N'",
    },
    derive: { BAND: 'cast(floor(AGE / 10) * 10 as int)', IS_OLD: 'BAND >= 60' },
    columns: [
      { name: 'HD', kind: 'number' },
      { name: 'BAND', kind: 'text' },
    ],
    predicates: [{ name: 'cluster_old', sql: 'IS_OLD', place: 'clusters.old.where' }],
    rules: [
      { reason: 'AGE_UNDER_18', class: 'deposit', require: 'AGE >= 18' },
      { reason: 'NO_CONSENT', require: "CONSENT_YN = 'Y'" },
    ],
    ...changes,
  };
}
