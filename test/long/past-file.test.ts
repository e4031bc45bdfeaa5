// First tier, about a second of processor: 300,000 customers with 40 columns, of which the engine's memory allows three parts.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openDuckdb } from '../../packages/data/src/duckdb/engine.ts';
import { writePast } from '../../packages/data/src/extract/past.ts';

const folder = mkdtempSync(join(tmpdir(), 'basketwise-past-'));
const workbench = await openDuckdb({ memory: '200MB', threads: 2, tempDirectory: join(folder, 'spill') });

afterAll(async () => {
  await workbench.close();
  rmSync(folder, { recursive: true });
});

test('a file that is written in parts has the bytes of one that is written at once', async () => {
  const customers = join(folder, 'customers.parquet');
  const ids = `SELECT CAST(i AS INTEGER) AS customer, printf('%07d', i * 3) AS id FROM range(300000) t(i)`;
  await workbench.run(`COPY (${ids}) TO ${workbench.dialect.text(customers)} (FORMAT parquet)`);
  const asked: string[] = [];
  const joins = (condition: string) => {
    asked.push(condition);
    const rows = `SELECT printf('%07d', i * 2) AS id, i % 7 AS number, 'text ' || (i % 5) AS text FROM range(400000) t(i)`;
    return `LEFT JOIN (FROM (${rows})${condition && ` WHERE ${condition}`}) history ON c.id = history.id`;
  };
  const hashOf = async (isHeavy: boolean) => {
    const past = join(folder, `${isHeavy}.parquet`);
    const columns = Array.from({ length: 40 }, (_, i) => `history.${i < 30 ? 'number' : 'text'} AS column_${i}`);
    await writePast(workbench, { columns, joins, isHeavy }, { customers, past }, {});
    return createHash('sha256').update(readFileSync(past)).digest('hex');
  };
  expect(await hashOf(true)).toBe(await hashOf(false));
  expect(asked).toEqual([`id < '0368640'`, `id >= '0368640' AND id < '0737280'`, `id >= '0737280'`, '']);
});
