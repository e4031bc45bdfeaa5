import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { queryRows } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, temporaryFolder } from './bank.ts';
import { encodedText } from './encoded-text.ts';

/** A folder of files in CP949. */
async function koreanFolder() {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, '고객.csv'), encodedText('이름\n가나\n', 'cp949'));
  writeFileSync(join(folder, 'packed.csv.gz'), gzipSync(encodedText('이름\n다라\n', 'cp949')));
  mkdirSync(join(folder, 'parts'));
  for (const [i, text] of ['마', '바'].entries())
    writeFileSync(join(folder, 'parts', `${i}.csv`), encodedText(`이름\n${text}\n`, 'cp949'));
  writeFileSync(join(folder, 'latin.csv'), Buffer.from('이름\nmüde\n'.replace('이름', 'name'), 'latin1'));
  return folder;
}

test.each([
  ["SELECT 이름 FROM '고객.csv'", ['가나']],
  ['SELECT 이름 FROM "고객.csv"', ['가나']],
  ["SELECT a.이름 FROM read_csv('고객.csv', all_varchar = true) a JOIN '고객.csv' b ON a.이름 = b.이름", ['가나']],
  ["SELECT 이름 FROM read_csv(['고객.csv', 'packed.csv.gz'], header = true)", ['가나', '다라']],
  ["SELECT 이름 FROM read_csv('parts/*.csv', header = true)", ['마', '바']],
  ["SELECT name AS 이름 FROM read_csv('latin.csv', encoding = 'latin-1', header = true)", ['müde']],
  ["SELECT '고객.csv' AS 이름", ['고객.csv']],
])('%s reads its files in the encoding of the config', async (sql, values) => {
  const engine = await openEngine(await koreanFolder(), { encoding: 'cp949' });
  const { from } = await engine.relation({ sql }, { place: 'tables.customers.sql' });
  const rows = await queryRows(engine, `SELECT 이름 AS name FROM ${from} t ORDER BY 1`);
  expect(rows.map(({ name }) => name)).toEqual(values);
});
