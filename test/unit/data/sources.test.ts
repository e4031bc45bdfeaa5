import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type DuckdbEngine, extractSnapshot, openDuckdb, queryRows } from '@basketwise/data';
import { DateDay, Dictionary, Int32, Table, tableFromArrays, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';
import { encodedText } from './encoded-text.ts';

/** The hash of the small bank's snapshot, read from CSV files in UTF-8. */
async function csvHash(): Promise<string> {
  const folder = await temporaryFolder();
  await writeBank(folder);
  return (await extractSnapshot(await openEngine(folder), smallRequest(), join(folder, 'snapshot'))).dataHash;
}

async function rowsOf(engine: DuckdbEngine, from: string, text: string[] = []) {
  const relation = await engine.relation({ from }, { text });
  return queryRows(engine, `SELECT * FROM ${relation.from}`);
}

test('CP949, a byte order mark, CRLF, tabs and gzip give the snapshot that plain UTF-8 gives', async () => {
  const expected = await csvHash();
  const variants: [string, (text: string) => Uint8Array, 'cp949' | 'utf-8'][] = [
    ['csv', (text) => encodedText(text, 'cp949'), 'cp949'],
    ['csv', (text) => Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['csv', (text) => Buffer.from(text.replaceAll('\n', '\r\n')), 'utf-8'],
    ['tsv', (text) => Buffer.from(text.replaceAll(',', '\t')), 'utf-8'],
    ['csv.gz', (text) => gzipSync(text), 'utf-8'],
    ['csv.gz', (text) => gzipSync(encodedText(text, 'cp949')), 'cp949'],
    ['csv', (text) => Buffer.from(text.trimEnd()), 'utf-8'],
  ];
  for (const [extension, encode, encoding] of variants) {
    const folder = await temporaryFolder();
    for (const [name, text] of Object.entries(smallBank)) await writeFile(join(folder, `${name}.${extension}`), encode(text));
    const { customers, products, holdings } = smallRequest();
    const from = (table: string) => ({ from: `${table}.${extension}` });
    const request = smallRequest({
      customers: { ...customers, ...from('customers') },
      products: { ...products, ...from('products') },
      holdings: { ...holdings, ...from('holdings') },
    });
    const engine = await openEngine(folder, { encoding });
    const { dataHash } = await extractSnapshot(engine, request, join(folder, 'snapshot'));
    expect([extension, encoding, dataHash]).toEqual([extension, encoding, expected]);
  }
});

test.each([
  ['shift_jis', '普通預金', [0x95, 0x81, 0x92, 0xca, 0x97, 0x61, 0x8b, 0xe0]],
  ['windows-1252', 'Café €', [0x43, 0x61, 0x66, 0xe9, 0x20, 0x80]],
  ['latin1', 'Zürich', [0x5a, 0xfc, 0x72, 0x69, 0x63, 0x68]],
  ['cp437', 'Zürich', [0x5a, 0x81, 0x72, 0x69, 0x63, 0x68]],
  ['gb18030', '存款', [0xb4, 0xe6, 0xbf, 0xee]],
] as const)('a file in %s reads as its text', async (encoding, text, bytes) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'names.csv'), Buffer.concat([Buffer.from('id,name\n1,'), Buffer.from(bytes), Buffer.from('\n')]));
  expect(await rowsOf(await openEngine(folder, { encoding }), 'names.csv', ['id'])).toEqual([{ id: '1', name: text }]);
});

test.each(['utf-16', 'utf-16be'])('UTF-16 is read by its mark, or as %s', async (encoding) => {
  const folder = await temporaryFolder();
  const bytes = Buffer.from('\ufeffid,name\n1,정기예금\n', 'utf16le').swap16();
  await writeFile(join(folder, 'names.csv'), bytes);
  expect(await rowsOf(await openEngine(folder, { encoding }), 'names.csv', ['id'])).toEqual([{ id: '1', name: '정기예금' }]);
});

longTest('Parquet, a DuckDB database, queries and other time zones give the snapshot that CSV gives', async () => {
  const expected = await csvHash();
  const folder = await temporaryFolder();
  await writeBank(folder);
  const maker = await openEngine(folder);
  await mkdir(join(folder, 'db'));
  await maker.run(`ATTACH '${folder}/db/bank.duckdb' AS bank`);
  for (const table of ['customers', 'products', 'holdings'] as const) {
    const { from } = await maker.relation({ from: `${table}.csv` }, { text: ['csno'] });
    await maker.run(`CREATE TABLE bank.${table} AS SELECT * FROM ${from}`);
    await maker.run(`COPY (FROM ${from}) TO '${folder}/${table}.parquet' (FORMAT parquet)`);
  }
  await maker.run('DETACH bank');
  const { customers, products, holdings } = smallRequest();
  const parquet = smallRequest({
    customers: { ...customers, from: '*omers.parquet' },
    products: { ...products, from: 'products.parquet' },
    holdings: { ...holdings, from: null, sql: "SELECT * FROM 'holdings.parquet' ORDER BY csno -- as the bank likes" },
  });
  const tables = smallRequest({
    customers: { ...customers, from: 'customers' },
    products: { ...products, from: 'main.products' },
    holdings: { ...holdings, from: null, sql: 'SELECT * FROM holdings' },
  });
  for (const [path, request] of [
    [folder, parquet],
    [join(folder, 'db', 'bank.duckdb'), tables],
  ] as const) {
    for (const zone of ['UTC', 'Asia/Seoul', 'America/St_Johns']) {
      process.env.TZ = zone;
      const engine = await openDuckdb({ memory: '500MB', threads: 2, tempDirectory: join(folder, 'spill'), path });
      const { dataHash } = await extractSnapshot(engine, request, join(folder, 'snapshot'));
      await engine.close();
      expect([path, zone, dataHash]).toEqual([path, zone, expected]);
    }
  }
  delete process.env.TZ;
});

test('dates are read from DATE, text and integers, timestamps included, on any machine', async () => {
  const folder = await temporaryFolder();
  const engine = await openEngine(folder);
  const { asDate } = engine.dialect;
  const read = async (value: string, kind: 'text' | 'integer' | 'date') =>
    (await queryRows(engine, `SELECT ${asDate('v', kind)} AS d FROM (SELECT ${value} AS v)`))[0]!.d;
  expect(await read("'2022-08-31'", 'text')).toBe(19235);
  expect(await read("' 20220831 '", 'text')).toBe(19235);
  expect(await read('20220831', 'integer')).toBe(19235);
  expect(await read("DATE '2022-08-31'", 'date')).toBe(19235);
  expect(await read("TIMESTAMP '2022-08-31 23:59:59'", 'date')).toBe(19235);
  expect(await read("'1969-12-31'", 'text')).toBe(-1);
  for (const wrong of ['2022-02-30', '20220230', '2022/08/31', '2022-08-1x', '31.08.2022', '0', '00000000', '2022-8-31']) {
    expect([wrong, await read(`'${wrong}'`, 'text')]).toEqual([wrong, null]);
  }
});

test('unsigned 64-bit integers of Arrow keep their digits', async () => {
  const folder = await temporaryFolder();
  const ids = BigUint64Array.of(0n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n);
  await writeFile(join(folder, 't.arrow'), tableToIPC(tableFromArrays({ id: ids })));
  const engine = await openEngine(folder);
  const { from } = await engine.relation({ from: 't.arrow' });
  const { asText, kindOf } = engine.dialect;
  const rows = await queryRows(engine, `SELECT ${asText('id')} AS id, id > 9223372036854775807 AS large FROM ${from}`);
  expect(rows.map(({ id }) => id)).toEqual([...ids].map(String));
  expect(rows.map(({ large }) => large)).toEqual([0, 0, 1, 1]);
  expect((await engine.columns(from)).map(({ type }) => kindOf(type))).toEqual(['integer']);
});

test('columns of a CSV file get the type of all their values; codes with leading zeros and listed columns stay text', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 't.csv'), 'a,b,c,d,e,f\n1,01,1.50,x,9007199254740993,7\n-2,10,,"y, ""z""\n2",0,8\n');
  expect(await rowsOf(await openEngine(folder), 't.csv', ['F'])).toEqual([
    { a: 1, b: '01', c: 1.5, d: 'x', e: 9007199254740992, f: '7' },
    { a: -2, b: '10', c: null, d: 'y, "z"\n2', e: 0, f: '8' },
  ]);
});

test('Arrow IPC in file and stream format keeps integers, text, dictionaries, dates and nulls', async () => {
  const folder = await temporaryFolder();
  const day = 86_400_000;
  const table = new Table({
    id: vectorFromArray([7n, 9007199254740993n, null]),
    name: vectorFromArray(['가', null, '나'], new Dictionary(new Utf8(), new Int32())),
    text: vectorFromArray(['a long text of more than twelve bytes', '', null], new Utf8()),
    opened: vectorFromArray([new Date(0), new Date(-day), null], new DateDay()),
    amount: vectorFromArray([0.5, null, -1]),
    flag: vectorFromArray([true, false, null]),
  });
  await writeFile(join(folder, 'file.arrow'), tableToIPC(table, 'file'));
  await writeFile(join(folder, 'stream.arrow'), tableToIPC(table, 'stream'));
  const engine = await openEngine(folder);
  for (const from of ['file.arrow', 'stream.arrow']) {
    const relation = await engine.relation({ from });
    expect(await queryRows(engine, `SELECT * REPLACE (CAST(id AS VARCHAR) AS id) FROM ${relation.from}`)).toEqual([
      { id: '7', name: '가', text: 'a long text of more than twelve bytes', opened: 0, amount: 0.5, flag: 1 },
      { id: '9007199254740993', name: null, text: '', opened: -1, amount: null, flag: 0 },
      { id: null, name: '나', text: null, opened: null, amount: -1, flag: null },
    ]);
  }
});

test('values of every type stream exactly, with their nulls', async () => {
  const folder = await temporaryFolder();
  const engine = await openEngine(folder);
  const sql = `SELECT CAST(i AS TINYINT) AS t, CAST(i AS USMALLINT) AS u, CAST(i AS UINTEGER) + 4000000000 AS w, i * 9007199254740993 AS big, CAST(i AS FLOAT) / 2 AS f,
    DATE '1970-01-01' - CAST(i AS INTEGER) AS d, i % 2 = 1 AS odd, CAST('1234567890123456789.0123456789' AS DECIMAL(38, 10)) * i AS dec, CASE WHEN i % 2 = 0 THEN repeat('가', CAST(i AS INTEGER)) END AS s FROM range(0, 6) t(i)`;
  const batches = [];
  for await (const batch of engine.query(sql)) batches.push(batch);
  expect(batches).toHaveLength(1);
  const { columns, nulls } = batches[0]!;
  expect(columns.t).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5));
  expect(columns.big).toEqual(BigInt64Array.from([0, 1, 2, 3, 4, 5], (i) => BigInt(i) * 9007199254740993n));
  expect(columns.f).toEqual(Float64Array.of(0, 0.5, 1, 1.5, 2, 2.5));
  expect(columns.d).toEqual(Int32Array.of(0, -1, -2, -3, -4, -5));
  expect(columns.odd).toEqual(Int32Array.of(0, 1, 0, 1, 0, 1));
  expect(columns.s).toEqual(['', '', '가가', '', '가가가가', '']);
  expect(Object.keys(nulls)).toEqual(['s']);
  expect(nulls.s).toEqual(Uint8Array.of(0, 1, 0, 1, 0, 1));
  expect(columns.dec![1]).toBe('1234567890123456789.0123456789');
});

test('a stream of many batches is whole, in order, and stops when its reader stops', async () => {
  const engine = await openEngine(await temporaryFolder());
  let next = 0;
  for await (const { rows, columns } of engine.query(
    "SELECT CAST(range AS INTEGER) AS i, 'row ' || range AS s FROM range(200001)",
  )) {
    for (let row = 0; row < rows; row++, next++) {
      if (columns.i![row] !== next || columns.s![row] !== `row ${next}`) expect.fail(`row ${next}`);
    }
  }
  expect(next).toBe(200_001);
  for await (const { rows } of engine.query('SELECT range FROM range(1000000000000)')) {
    expect(rows).toBeGreaterThan(0);
    break;
  }
});

test('a CSV column without any value fits every expression, and is null', async () => {
  const folder = await temporaryFolder();
  const customers = smallBank.customers.replaceAll(/^([^,]+),\d*,([^,]*),[^,]*,[YN]?$/gm, '$1,,$2,,');
  const products = smallBank.products.replaceAll(/,[\d-]*$/gm, ',');
  const holdings = smallBank.holdings.replaceAll(/,\d*,\d*,(.)$/gm, ',,,$1');
  await writeBank(folder, { customers, products, holdings });
  const engine = await openEngine(folder);
  const manifest = await extractSnapshot(engine, smallRequest(), join(folder, 'snapshot'));
  expect(manifest.rules.map(({ eligible, unknown }) => [eligible, unknown])).toEqual([
    [0, 5],
    [0, 5],
  ]);
  expect(manifest.products.onSale).toBe(5);
  expect(manifest.holdings.undated).toBe(manifest.holdings.kept);
  const found = await queryRows(
    engine,
    `SELECT count("HD") + count("BAND") AS known FROM '${folder}/snapshot/customers.parquet'`,
  );
  expect(found).toEqual([{ known: 0 }]);
});

test('a folder with a comma in its name, also for the files that a query names', async () => {
  const folder = join(await temporaryFolder(), 'bank, 2022');
  await mkdir(folder);
  await writeBank(folder);
  const { products } = smallRequest();
  const request = smallRequest({ products: { ...products, from: null, sql: "SELECT * FROM 'products.csv'" } });
  const { dataHash } = await extractSnapshot(await openEngine(folder), request, join(folder, 'snapshot'));
  expect(dataHash).toBe(await csvHash());
});
