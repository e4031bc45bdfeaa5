import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AppError } from '@basketwise/core';
import { extractSnapshot, openDuckdb } from '@basketwise/data';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../cases.ts';
import { openEngine, smallRequest, temporaryFolder, writeBank } from '../../unit/data/bank.ts';

const rows = 3000;
const columns = {
  csno: Array.from({ length: rows }, (_, i) => String(i * 7919).padStart(8, '0')),
  AGE: Int32Array.from({ length: rows }, (_, i) => i % 90),
  HD: Float64Array.from({ length: rows }, (_, i) => (i * 31) % 1000),
  CONSENT_YN: Array.from({ length: rows }, (_, i) => (i % 3 ? 'Y' : 'N')),
};
const csv = Buffer.from(
  `csno,AGE,HD,CONSENT_YN\n${columns.csno.map((id, i) => `${id},${columns.AGE[i]},${columns.HD[i]},${columns.CONSENT_YN[i]}\n`).join('')}`,
);

/** The customers table as a whole file of a kind. */
async function wholeFile(folder: string, kind: string): Promise<Buffer> {
  if (kind === 'csv.gz') return gzipSync(csv);
  if (kind === 'arrow') return Buffer.from(tableToIPC(tableFromArrays(columns), 'file'));
  const engine = await openEngine(folder);
  await writeFile(join(folder, 'whole.csv'), csv);
  const from = `read_csv('${folder}/whole.csv', types = {'csno': 'VARCHAR'})`;
  if (kind === 'duckdb') {
    const path = join(folder, 'whole.duckdb');
    await engine.run(`ATTACH '${path}' AS bank`);
    await engine.run(`CREATE TABLE bank.customers AS FROM ${from}`);
    await engine.run('DETACH bank');
    return readFileSync(path);
  }
  await engine.run(`COPY (FROM ${from}) TO '${folder}/whole.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  return readFileSync(join(folder, 'whole.parquet'));
}

const damage = fc.oneof(
  fc.record({ cut: fc.double({ min: 0.001, max: 0.999, noNaN: true }) }),
  fc.record({
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
);

test.each(['csv.gz', 'parquet', 'arrow', 'duckdb'])(
  'a damaged .%s is read as it is, or refused as damaged; never as a fault of the program',
  async (kind) => {
    const folder = await temporaryFolder();
    await writeBank(folder);
    const whole = await wholeFile(folder, kind);
    const file = join(folder, `customers.${kind}`);
    const { customers, products, holdings } = smallRequest();
    const request = smallRequest(
      kind === 'duckdb'
        ? {
            customers: { ...customers, from: 'customers' },
            products: { ...products, from: null, sql: `SELECT * FROM read_csv('${folder}/products.csv', all_varchar = true)` },
            holdings: { ...holdings, from: null, sql: `SELECT * FROM read_csv('${folder}/holdings.csv', all_varchar = true)` },
          }
        : { customers: { ...customers, from: `customers.${kind}` } },
    );
    const codes: Record<string, number> = {};
    const read = async () => {
      const path = kind === 'duckdb' ? file : folder;
      const engine = await openDuckdb({ memory: '300MB', threads: 2, tempDirectory: join(folder, 'spill'), path });
      try {
        await extractSnapshot(engine, request, join(folder, 'snapshot'));
      } finally {
        await engine.close();
      }
    };
    writeFileSync(file, whole);
    await read();
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        const damaged = Buffer.from(whole);
        if ('bytes' in how)
          damaged.set(how.bytes.subarray(0, whole.length - Math.floor(how.at * whole.length)), Math.floor(how.at * whole.length));
        writeFileSync(file, 'cut' in how ? damaged.subarray(0, Math.ceil(how.cut * whole.length)) : damaged);
        const error: unknown = await read().then(
          () => null,
          (cause) => cause,
        );
        if (error !== null && !(error instanceof AppError)) throw error;
        const code = error === null ? 'read' : error.code;
        codes[code] = (codes[code] ?? 0) + 1;
        if ('cut' in how && kind !== 'duckdb') expect([error?.message, code]).toEqual([expect.any(String), 'bad-data']);
        else expect(['read', 'bad-data', 'missing-input', 'config'], error?.message ?? '').toContain(code);
      }),
      { numRuns: cases(25), seed: 3 },
    );
    expect(codes['bad-data'], JSON.stringify(codes)).toBeGreaterThan(2);
  },
);
