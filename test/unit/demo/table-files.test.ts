import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdb } from '@basketwise/data';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { expect, test } from 'vitest';
import type { DemoBank } from '../../../packages/demo/src/engine/bank.ts';
import { readHoldings } from '../../../packages/demo/src/engine/read-holdings.ts';

const bank = { products: [{ code: 'D1', otherCodes: [], name: '적금', english: 'Savings' }], referenceDay: 19_000 };

async function read(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const chosen = { file: new File([bytes], name), roles: { customer: 'customer', product: 'product' } };
  const { rows, ids } = await readHoldings(chosen, bank as unknown as DemoBank, () => {});
  return `${rows} rows of ${ids.length} customers`;
}

test('Parquet files of the nightly engine are read, damaged ones refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-table-files-'));
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: folder });
  try {
    for (const options of ['CODEC SNAPPY, PARQUET_VERSION V1', 'CODEC ZSTD, PARQUET_VERSION V2']) {
      const path = join(folder, `${options}.parquet`);
      await engine.run(
        `COPY (SELECT CASE WHEN i % 50 > 0 THEN printf('%05d', i // 3) END AS customer,
          CASE i % 3 WHEN 0 THEN 'D1' WHEN 1 THEN '적금' END AS product FROM range(30000) r(i))
        TO '${path}' (FORMAT parquet, ${options}, ROW_GROUP_SIZE 8192)`,
      );
      const bytes = new Uint8Array(await readFile(path));
      expect(await read('whole.parquet', bytes)).toBe('30000 rows of 10000 customers');
      const short = Uint8Array.from([...bytes.subarray(0, 1000), ...bytes.subarray(2000)]);
      await expect(read('short.parquet', short)).rejects.toMatchObject({ key: 'notReadable' });
    }
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }
});

test('an Arrow file is read', async () => {
  const whole = tableToIPC(tableFromArrays({ customer: ['1', '2'], product: ['D1', 'D1'] }), 'file');
  expect(await read('whole.arrow', new Uint8Array(whole))).toBe('2 rows of 2 customers');
});
