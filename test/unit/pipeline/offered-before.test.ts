import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckdbEngine, queryRows } from '@basketwise/data';

import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeOfferedBefore } from '../../../packages/pipeline/src/run/offered-before.ts';
import { emptyEngine } from './feature-snapshot.ts';

type Run = Parameters<typeof writeOfferedBefore>[1][number];

let engine: DuckdbEngine;
let folder: string;
let closeEngine: () => Promise<void>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basketwise-offered-'));
  ({ engine, remove: closeEngine } = await emptyEngine());
});
afterEach(async () => {
  await closeEngine();
  await rm(folder, { recursive: true });
});

const valuesOf = (rows: readonly (readonly string[])[]) => rows.map((row) => `(${row.map((one) => `'${one}'`).join()})`).join();

/** Writes a run of a date with an offer to each of some customers, after earlier runs, of a bank with some customers. */
async function passRun(
  date: string,
  offered: readonly string[],
  customers: readonly string[],
  earlier: readonly Run[],
): Promise<Run> {
  const run = join(folder, date);
  await mkdir(run);
  await engine.run(`CREATE OR REPLACE TABLE customers AS SELECT * FROM (VALUES ${valuesOf(customers.map((id) => [id]))}) c(id)`);
  await engine.run(
    `COPY (SELECT * FROM (VALUES ${valuesOf(offered.map((id) => [id]))}) o(customer)) TO '${run}/offers.parquet' (FORMAT parquet)`,
  );
  await writeOfferedBefore(engine, earlier, run);
  return {
    ...{ run: date, folder: run, date, hasOffers: true, draws: { control: { salt: 'spring', share: 0.3 } } },
    output: { formats: ['parquet'], escape_formulas: false },
  };
}

const passedOn = async ({ folder: of }: Run) =>
  (await queryRows(engine, `SELECT salt, customer FROM read_parquet('${of}/offered-before.parquet')`)).map(
    ({ salt, customer }) => `${salt} ${customer}`,
  );

test('a run passes on the customers of earlier offers that its bank has, and no other', async () => {
  const all = ['01', '02', '03', '1'];
  const first = await passRun('2022-06-30', ['02', '01', '1'], all, []);
  const second = await passRun('2022-07-31', ['03', '01'], all, [first]);
  expect(await passedOn(first)).toEqual([]);
  expect(await passedOn(second)).toEqual(['spring 01', 'spring 02', 'spring 1']);
  // 02 has left the bank: neither the file of the run before nor its own offers pass an id on
  const third = await passRun('2022-08-31', ['1'], ['01', '03', '1'], [first, second]);
  expect(await passedOn(third)).toEqual(['spring 01', 'spring 03', 'spring 1']);
  const fourth = await passRun('2022-09-30', ['1'], ['02', '03', '1'], [third]);
  expect(await passedOn(fourth)).toEqual(['spring 03', 'spring 1']);
});
