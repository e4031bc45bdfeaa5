import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { openDuckdb, queryRows } from '@basketwise/data';
import { codedColumn } from '@basketwise/recommend';
import { sampleReferenceDate } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { expect, test } from 'vitest';
import type { DemoBank } from '../../../packages/demo/src/engine/bank.ts';
import { generatedCodes } from '../../../packages/demo/src/engine/generated-holdings.ts';

test('customers generated in the page have the age and sex that the sample bank’s own table says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'generated-codes-'));
  const engine = await openDuckdb({ memory: '500MB', threads: 1, tempDirectory: folder });
  try {
    const [customers, more] = [1000, 300];
    const sample = { products: 40, seed: 5, customers: customers + more };
    await generateBank({ ...sample, from: customers, folder });
    const rows = await queryRows(
      engine,
      `SELECT SEX_CD AS sex, CAST(datesub('year', BIRTH_DT, DATE '${sampleReferenceDate}') AS INTEGER) AS age
        FROM ${engine.dialect.text(join(folder, 'customers.parquet'))} ORDER BY csno`,
    );
    const bounds = [20, 30, 40, 50, 60, 70];
    const features = [
      codedColumn('sex', { kind: 'categories', values: ['1', '2'], pooled: [] }),
      codedColumn('age', { kind: 'bands', bounds }),
      codedColumn('city', { kind: 'categories', values: ['Busan'], pooled: [] }),
    ];
    const bank = { customers, generatedProducts: 40, seed: 5, referenceDate: sampleReferenceDate, features };
    const codes = generatedCodes(bank as unknown as DemoBank, more);
    expect([...required(codes, 'sex')]).toEqual(rows.map(({ sex }) => Number(sex) - 1));
    expect([...required(codes, 'age')]).toEqual(rows.map(({ age }) => bounds.filter((bound) => Number(age) >= bound).length));
    expect([...required(codes, 'city')]).toEqual(rows.map(() => 1));
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
});
