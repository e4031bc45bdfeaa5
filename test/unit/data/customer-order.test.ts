import { join } from 'node:path';
import { createInlinePool } from '@basketwise/core';
import { type ExtractRequest, extractSnapshot, openSnapshot, queryRows, type TableSource, writeResults } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallRequest, temporaryFolder, writeBank } from './bank.ts';

/** Ids of 5,000 customers in order, and facts of all of them in another order. */
async function bankOfTables(folder: string): Promise<void> {
  await writeBank(folder);
  const engine = await openEngine(folder);
  const id = (number: string) => `lpad(CAST(${number} AS VARCHAR), 7, '0') AS csno`;
  const tables = {
    customers: `SELECT ${id('range')}, range % 70 AS AGE, range % 3 AS HD FROM range(5000)`,
    facts: `SELECT ${id('(range * 7919) % 5000')}, range AS HD FROM range(5000)`,
  };
  for (const [name, sql] of Object.entries(tables))
    await engine.run(`COPY (${sql}) TO '${folder}/${name}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
}

const sources: Readonly<Record<string, TableSource>> = {
  'a file': { from: 'customers.parquet' },
  'a query with a join': { sql: "SELECT c.csno, c.AGE, f.HD FROM 'customers.parquet' c JOIN 'facts.parquet' f USING (csno)" },
  'a query with an outer join': {
    sql: "SELECT c.csno, c.AGE, f.HD FROM 'customers.parquet' c LEFT JOIN 'facts.parquet' f USING (csno)",
  },
};
const require = "csno IN (SELECT csno FROM 'facts.parquet' WHERE HD > 30)";
const asked: readonly [string, Partial<ExtractRequest>][] = [
  ['a rule that reads a list', { rules: [{ reason: 'LISTED', require }] }],
  ['a cluster that reads a list', { predicates: [{ name: 'in_scheme_a', sql: require, place: 'clusters.a.where' }] }],
  ['a derived column that reads a list', { derive: { LISTED: require }, columns: [{ name: 'LISTED', kind: 'text' }] }],
];
const cases = Object.keys(sources).flatMap((source) => asked.map(([what, request]) => ({ source, what, request })));

test.each(cases)('customers of $source with $what lie in the order of their ids', async ({ source, request }) => {
  const folder = await temporaryFolder();
  await bankOfTables(folder);
  const engine = await openEngine(folder);
  const asks = { derive: {}, columns: [{ name: 'HD', kind: 'number' as const }], predicates: [], rules: [], ...request };
  const customers = { ...sources[source]!, id: 'csno' };
  await extractSnapshot(engine, smallRequest({ ...asks, customers }), join(folder, 'snapshot'));
  const rows = `read_parquet('${folder}/snapshot/customers.parquet', file_row_number = true)`;
  const numbers = 'count(*) FILTER (WHERE customer <> file_row_number OR CAST(id AS INTEGER) <> customer)';
  const [found] = await queryRows(engine, `SELECT CAST(${numbers} AS INTEGER) AS wrong, count(*) AS customers FROM ${rows}`);
  expect(found).toEqual({ wrong: 0, customers: 5000 });
});

test('bounds of ids in recommendations.parquet are those of the ids, in any order', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  await extractSnapshot(await openEngine(folder), smallRequest(), join(folder, 'snapshot'));
  const snapshot = await openSnapshot(join(folder, 'snapshot'), {
    ...{ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') },
  });
  const ids = ['나', 'b', 'ab', 'z', 'a', '가나', 'abc'];
  await snapshot.engine.run(`CREATE TABLE mixed AS SELECT unnest([${ids.map((id) => `'${id}'`).join(', ')}]) AS id`);
  const units = {
    ...{ start: Uint32Array.of(0, 1), product: Int32Array.of(1), score: Float32Array.of(0.5), source: Uint8Array.of(0) },
    ...{ sources: ['als'], reasons: [] },
  };
  const unit = Int32Array.from(ids, (id) => (id === '나' ? -1 : 0));
  await writeResults(snapshot, [{ campaign: 'c', unit, units, ids: 'mixed' }], {
    ...{ folder, formats: ['parquet'], pool: createInlinePool() },
  });
  const file = `'${folder}/recommendations.parquet'`;
  const statistics = `SELECT stats_min_value AS least, stats_max_value AS greatest FROM parquet_metadata(${file}) WHERE path_in_schema = 'customer'`;
  const [bounds] = await queryRows(snapshot.engine, statistics);
  expect(bounds).toEqual({ least: 'a', greatest: '가나' });
  for (const id of ids.filter((other) => other !== '나'))
    expect(await queryRows(snapshot.engine, `SELECT rank FROM ${file} WHERE customer = '${id}'`)).toHaveLength(1);
  await snapshot.close();
});
