import { execFile } from 'node:child_process';
import { chmod, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { AppError } from '@basketwise/core';
import { type DuckdbOptions, type ExtractRequest, extractSnapshot, openDuckdb } from '@basketwise/data';
import { Schema, Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

/** Values of the small bank that no message may quote. */
const customerValues = ['9007199254740993', '007', '가나', '3.5'];

interface Case {
  bank?: Partial<typeof smallBank>;
  request?: Partial<ExtractRequest>;
  options?: Partial<DuckdbOptions>;
  prepare?: (folder: string) => Promise<void>;
}

/** Extracts a spoilt small bank; returns its error after checking that nothing is left behind. */
async function failure({ bank, request, options, prepare }: Case): Promise<AppError> {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, ...bank });
  await prepare?.(folder);
  const engine = await openEngine(folder, options);
  const error = await extractSnapshot(engine, smallRequest(request), join(folder, 'snapshot')).then(
    () => expect.fail('no error'),
    (cause) => cause,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((await readdir(folder)).filter((name) => name.startsWith('snapshot'))).toEqual([]);
  for (const value of customerValues) expect(`${error.message} ${error.hint}`).not.toContain(value);
  return error;
}

const { customers, products, holdings } = smallRequest();

/** The request with other customers, products or holdings. */
const asked = (table: 'customers' | 'products' | 'holdings', change: object): Case => ({
  request: { [table]: { ...smallRequest()[table], ...change } },
});
/** Customers of a file that is made for the case. */
const inFile = (from: string, prepare: (folder: string) => Promise<void>): Case => ({ prepare, ...asked('customers', { from }) });
const filled = (from: string, text: string | Uint8Array) => inFile(from, (folder) => writeFile(join(folder, from), text));
/** The bank with a text of a table replaced. */
const edited = (table: keyof typeof smallBank, from: string | RegExp, to: string): Case => ({
  bank: { [table]: smallBank[table].replace(from, to) },
});
/** The bank with a line more at the end of a table. */
const longer = (table: keyof typeof smallBank, line: string): Case => ({ bank: { [table]: `${smallBank[table]}${line}\n` } });
const ruled = (require: string): Case => ({ request: { rules: [{ reason: 'R', require }] } });

describe('a table that is not there or empty: 66', () => {
  test.each<[string, Case, RegExp]>([
    ['a missing file', asked('customers', { from: 'none.parquet' }), /tables\.customers.*none\.parquet/],
    ['a glob that matches nothing', asked('holdings', { from: 'none*.csv' }), /tables\.holdings.*none\*\.csv/],
    ['a file of 0 bytes', { bank: { products: '' } }, /products\.csv.*0 bytes/],
    ['a header alone', { bank: { customers: 'csno,AGE,SEX_CD,HD,CONSENT_YN\n' } }, /tables\.customers.*no rows/],
    ['no holdings', { bank: { holdings: `${smallBank.holdings.split('\n')[0]}\n` } }, /tables\.holdings.*no rows/],
    ['no ids at all', { bank: { customers: 'csno,AGE,SEX_CD,HD,CONSENT_YN\n,1,1,1,Y\n' } }, /no row with an id/],
    ['a table that a query names', asked('products', { from: null, sql: 'SELECT * FROM nowhere' }), /tables\.products.*nowhere/],
    [
      'a file that a query names',
      asked('products', { from: null, sql: "SELECT * FROM 'nowhere.parquet'" }),
      /tables\.products.*nowhere\.parquet/,
    ],
    ['a folder', asked('products', { from: '.' }), /is a folder/],
  ])('%s', async (_name, spoilt, message) => {
    const error = await failure(spoilt);
    expect([error.code, error.message]).toEqual(['missing-input', expect.stringMatching(message)]);
  });

  test('a source path that is not there', async () => {
    const folder = await temporaryFolder();
    const opening = openDuckdb({ memory: '100MB', threads: 1, tempDirectory: join(folder, 'spill'), path: join(folder, 'none') });
    await expect(opening).rejects.toMatchObject({ code: 'missing-input', message: expect.stringContaining('none') });
  });
});

/** A customers table as an Arrow file, a row of texts under these names. */
const writeArrow = (folder: string, names: readonly string[]) =>
  writeFile(
    join(folder, 'c.arrow'),
    tableToIPC(new Table(Object.fromEntries(names.map((name) => [name, vectorFromArray(['x'])])))),
  );

/** A file of `csno`, `HD` of two parts, `age` and a column of this name of 3 bytes, which no engine would write. */
async function writeParquet(folder: string, name: string): Promise<void> {
  const [file, written] = [join(folder, 'c.parquet'), 'qqq'];
  const engine = await openEngine(folder);
  await engine.run(`COPY (SELECT '1' AS csno, {a: 1, b: 2} AS HD, 3 AS age, 4 AS ${written}) TO '${file}' (FORMAT parquet)`);
  await writeFile(file, (await readFile(file)).toString('latin1').replaceAll(written, name), 'latin1');
}

const broken = (name: string, size: number) => async (folder: string) => {
  const engine = await openEngine(folder);
  await engine.run(
    `COPY (SELECT range AS csno, 1 AS AGE, 1 AS HD, 'Y' AS CONSENT_YN FROM range(50000)) TO '${folder}/${name}' (FORMAT parquet)`,
  );
  if (size > 0) await truncate(join(folder, name), size);
};

describe('bad data: 65', () => {
  test.each<[string, Case, RegExp]>([
    [
      'a missing column',
      asked('customers', { id: 'cs_no' }),
      /tables\.customers: customers\.csv has no column cs_no; it has csno, AGE, SEX_CD, HD, CONSENT_YN/,
    ],
    ['a missing feature', { request: { columns: [{ name: 'HDD', kind: 'number' }] } }, /no column HDD/],
    [
      'a column missing in an expression',
      { request: { derive: { X: 'AGEE + 1' }, predicates: [], columns: [], rules: [] } },
      /derive\.X.*AGEE/,
    ],
    [
      'text where numbers are needed, half way',
      edited('customers', '가나,41,2,', '가나,41,2,zwei'),
      /column HD of customers\.csv is no number in 1 rows \(row 4\)/,
    ],
    [
      'text among the numbers that a derived column needs',
      edited('customers', '가나,41,2', '가나,unknown,2'),
      /^derive\.BAND: column AGE of customers\.csv has values that are no numbers, first in row 4/,
    ],
    ['infinity', edited('customers', '3.5', 'inf'), /column HD .* not finite in 1 rows \(row 5\)/],
    ['NaN', edited('customers', '3.5', 'NaN'), /column HD .* not finite in 1 rows \(row 5\)/],
    ...['NaN', '-Infinity'].map((value): [string, Case, RegExp] => [
      `${value} in a column of a Parquet file`,
      {
        prepare: async (folder) => {
          const select = `SELECT range AS csno, 1 AS AGE, IF(range = 70, '${value}', '0.5')::DOUBLE AS HD, 'Y' AS CONSENT_YN FROM range(100)`;
          await (await openEngine(folder)).run(`COPY (${select}) TO '${folder}/c.parquet' (FORMAT parquet)`);
        },
        request: { customers: { ...customers, from: 'c.parquet' } },
      },
      /column HD of c\.parquet is not finite in 1 rows \(row 71\)/,
    ]),
    ['a ragged row', longer('customers', '8,1,1'), /line 7 of .*customers\.csv: 3 columns instead of 5/],
    ['a longer row', edited('holdings', '99,정기예금', '99,8,정기예금'), /line 9 of .*holdings\.csv: 6 columns instead of 5/],
    ['an open quote', longer('customers', '"8,1,1,1,Y'), /line 7 of .*customers\.csv/],
    [
      'CP949 read as UTF-8',
      {
        prepare: (folder) =>
          writeFile(
            join(folder, 'customers.csv'),
            Buffer.from([...Buffer.from('csno,AGE,SEX_CD,HD,CONSENT_YN\n'), 0xb0, 0xa1, ...Buffer.from(',1,1,1,Y\n')]),
          ),
      },
      /line 2 of .*encoding/,
    ],
    ['UTF-8 read as CP949', { options: { encoding: 'cp949' } }, /not CP949 in or after line \d/],
    [
      'duplicate customers',
      longer('customers', '007,1,1,1,Y'),
      /1 rows of customers\.csv repeat the id of another, with other values \(row 1, 6\)/,
    ],
    ['duplicate products', longer('products', 'D001,다른 예금,deposit,'), /rows 2 and 6 have the same gds_cd, and other values$/],
    ['a product without a code', longer('products', ',다른 예금,deposit,'), /row 6 has no gds_cd/],
    ['a product without a name', longer('products', 'D009,"  ",deposit,'), /row 6 has no gds_korn_nm/],
    [
      'one name in two classes',
      longer('products', 'I009,정기예금,insurance,'),
      /rows 2 and 6 are equivalent products, by name or group, but of different classes/,
    ],
    ['a sale end that is no date', edited('products', '2022-08-30', '2022-02-30'), /row 5: sale_end_dt is no date/],
    [
      'a sale start that is no date',
      {
        bank: { products: smallBank.products.replace('2022-08-30', '2022-02-30') },
        request: { products: { ...smallRequest().products, saleStart: 'sale_end_dt', saleEnd: null } },
      },
      /row 5: sale_end_dt is no date/,
    ],
    [
      'an opening date that is none',
      edited('holdings', '20220801', '20220231'),
      /open_dt or close_dt of holdings\.csv is no date in 1 rows \(row 1\)/,
    ],
    [
      'dates in another form',
      edited('holdings', /(\d{4})(\d\d)(\d\d)/g, '$3.$2.$1'),
      /is no date in 9 rows \(row 1, 2, 3, 5, 6, \.\.\.\)/,
    ],
    [
      'a date column of numbers',
      {
        request: { holdings: { ...holdings, date: 'joint', where: null } },
        bank: { holdings: smallBank.holdings.replaceAll(/,[NY]\n/g, ',1.5\n') },
      },
      /column joint of holdings\.csv holds no dates/,
    ],
    [
      'ids that are not exact',
      asked('customers', { from: null, sql: 'SELECT CAST(1.5 AS DOUBLE) AS csno' }),
      /column csno .* must be text or integer/,
    ],
    [
      'a cast that fails on a value',
      {
        request: {
          derive: { X: 'cast(CONSENT_YN AS int)' },
          columns: [{ name: 'X', kind: 'number' }],
          predicates: [],
          rules: [],
        },
      },
      /does not convert/,
    ],
    ['columns named alike', edited('customers', 'SEX_CD', 'age'), /columns 2 and 3 have the same name/],
    ['a column without a name', edited('customers', 'SEX_CD', ''), /column 3 has no name/],
    ['a truncated Parquet file', inFile('c.parquet', broken('c.parquet', 3000)), /cannot read .*c\.parquet/],
    ['no Parquet at all', filled('c.parquet', 'PAR1, but only in name'), /cannot read .*c\.parquet/],
    ['a byte of a Parquet file', filled('c.parquet', 'P'), /cannot read .*c\.parquet/],
    ['no Arrow at all', filled('c.arrow', 'ARROW1 but not'), /cannot read .*c\.arrow/],
    ['Arrow without a column', filled('c.arrow', tableToIPC(new Table(new Schema([])))), /cannot read .*c\.arrow/],
    [
      'columns of Arrow named alike but for case',
      inFile('c.arrow', (folder) => writeArrow(folder, ['csno', 'AGE', 'age'])),
      /c\.arrow: columns 2 and 3 have the same name/,
    ],
    [
      'a column of Arrow without a name',
      inFile('c.arrow', (folder) => writeArrow(folder, ['csno', ''])),
      /c\.arrow: column 2 has no name/,
    ],
    [
      'a column of Arrow whose name is no text',
      inFile('c.arrow', (folder) => writeArrow(folder, ['csno', 'a\0b'])),
      /c\.arrow: the name of column 2 is no text/,
    ],
    [
      'columns of Parquet named alike but for case',
      inFile('c.parquet', (folder) => writeParquet(folder, 'AGE')),
      /c\.parquet: columns 3 and 4 have the same name/,
    ],
    [
      'a column of Parquet without a name',
      inFile('c.parquet', (folder) => writeParquet(folder, '   ')),
      /c\.parquet: column 4 has no name/,
    ],
    [
      'a column of Parquet whose name is no text',
      inFile('c.parquet', (folder) => writeParquet(folder, 'a\0b')),
      /c\.parquet: the name of column 4 is no text/,
    ],
  ])('%s', async (_name, spoilt, message) => {
    const error = await failure(spoilt);
    expect([error.code, error.message]).toEqual(['bad-data', expect.stringMatching(message)]);
    expect(error.hint).not.toBe('');
  });

  test('the hint names the column that was meant', async () => {
    expect((await failure({ request: { customers: { ...customers, id: 'CSNOO' } } })).hint).toBe('Did you mean csno?');
  });

  /** First blocks of a database file that DuckDB 2.0.1 wrote, compressed. */
  const newer =
    '7devCsJQFMfxu03EvgUFX8AydoewmZ1FEdOSzuSfuCa3+wa+hiazD+IwXJvZYFXD0CAqFsPg+ynnHH5wwmlnlh21c+4OorjdO1niJwvf9Vz5OQ8nQShlc9ryvu9pHMZpetmOdHmn9HJeFQAAAAAA4C/sWpysV5ur8T42zWdbykslLx1OBwAAAABAYewDperDqP+Yby8E/z8AAAAAAIV3Bw==';
  test.each<[string, Buffer | string, RegExp]>([
    ['is none', 'not a database at all, however long this text may be', /cannot read .*bank\.duckdb \| .*not of this kind/],
    [
      'is newer',
      inflateRawSync(Buffer.from(newer, 'base64')),
      /bank\.duckdb was written by DuckDB v2\.0\.1, .* \| .*STORAGE_VERSION 'v1/,
    ],
  ])('a database file that %s', async (_name, bytes, message) => {
    const [folder, spill] = [await temporaryFolder(), await temporaryFolder()];
    await writeFile(join(folder, 'bank.duckdb'), bytes);
    const opening = openDuckdb({ memory: '100MB', threads: 1, tempDirectory: spill, path: join(folder, 'bank.duckdb') });
    const {
      code,
      message: what,
      hint,
    } = await opening.then(
      () => expect.fail('no error'),
      (error: AppError) => error,
    );
    expect([code, `${what} | ${hint}`]).toEqual(['bad-data', expect.stringMatching(message)]);
  });

  test.each<[string, string, AppError['code'], RegExp]>([
    ['an encrypted file', "'secret.parquet'", 'bad-data', /^tables\.products: .* is encrypted$/],
    ['an address', "'s3://bank/products.parquet'", 'config', /the extension httpfs/],
    ['a workbook', "read_xlsx('products.xlsx')", 'config', /the extension excel/],
    ['an encoding', "read_csv('products.csv', encoding = 'cp949')", 'config', /the encoding cp949/],
  ])('the error gives the reason of the engine: %s', async (_name, from, code, message) => {
    const prepare = async (folder: string) => {
      const engine = await openEngine(folder);
      await engine.run("SET GLOBAL force_mbedtls_unsafe = true; PRAGMA add_parquet_key('k', '0123456789112345')");
      await engine.run(
        `COPY (SELECT 1 AS a) TO '${folder}/secret.parquet' (FORMAT parquet, ENCRYPTION_CONFIG {footer_key: 'k'})`,
      );
    };
    const error = await failure({ request: { products: { ...products, from: null, sql: `FROM ${from}` } }, prepare });
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });
});

describe('bad SQL and settings of the config: 78, naming the key', () => {
  const noRules = { predicates: [], columns: [], rules: [] };
  test.each<[string, Case, RegExp]>([
    ['a syntax error in derive', { request: { derive: { X: 'case when AGE > 1' }, ...noRules } }, /^derive\.X: .*syntax error/],
    ['a function that is not there', { request: { derive: { X: 'agee_of(AGE)' }, ...noRules } }, /^derive\.X: .*agee_of/],
    ['two expressions', { request: { derive: { X: 'AGE, HD' }, ...noRules } }, /^derive\.X: this is 2 expressions/],
    ['half a parenthesis', asked('holdings', { where: "joint = 'N') OR (1 = 1" }), /^tables\.holdings\.where: /],
    ['a second statement', asked('holdings', { where: '1 = 1); DROP TABLE x; SELECT (1' }), /^tables\.holdings\.where: /],
    ['the rest commented out', ruled('AGE > 1 FROM customers --'), /^rules\[0\]\.require: /],
    ['an aggregate', ruled('max(AGE) > 1'), /^rules\[0\]\.require: /],
    ['a predicate that is a number', ruled('AGE'), /^rules\[0\]\.require: this is BIGINT, not true or false/],
    ['nothing', ruled(' '), /^rules\[0\]\.require: the expression is empty/],
    [
      'a cluster predicate',
      { request: { predicates: [{ name: 'c', sql: 'AGE >', place: 'clusters.c.where' }] } },
      /^clusters\.c\.where: /,
    ],
    ['a derived column named like a raw one', { request: { derive: { age: '1' }, ...noRules } }, /^derive\.age: .*already/],
    ['a query that is none', asked('products', { from: null, sql: 'SELEC 1' }), /^tables\.products: .*syntax error/],
    ['neither file nor query', asked('products', { from: null }), /^tables\.products: neither/],
    [
      'a class that no product has',
      {
        request: {
          classes: [
            { name: 'deposit', place: 'a' },
            { name: 'card', place: 'campaigns.card-cross' },
          ],
        },
      },
      /^campaigns\.card-cross: no product is of class `card`/,
    ],
    [
      'a kind of file that is not known',
      { request: { products: { ...products, from: 'p.xlsx' } }, prepare: (folder) => writeFile(join(folder, 'p.xlsx'), 'x') },
      /p\.xlsx/,
    ],
    [
      'a reserved column name',
      {
        bank: { customers: smallBank.customers.replace('SEX_CD', 'Customer') },
        request: { columns: [{ name: 'Customer', kind: 'text' }] },
      },
      /column Customer: this name is reserved/,
    ],
  ])('%s', async (_name, spoilt, message) => {
    const error = await failure(spoilt);
    expect([error.code, error.message]).toEqual(['config', expect.stringMatching(message)]);
  });
});

test('a place that cannot be written: 74', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  await writeFile(join(folder, 'file'), '');
  const engine = await openEngine(folder);
  await expect(extractSnapshot(engine, smallRequest(), join(folder, 'file', 'snapshot'))).rejects.toMatchObject({
    code: 'cannot-write',
  });
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('');
});

test('an unreadable file: 77', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  await chmod(join(folder, 'customers.csv'), 0);
  await chmod(folder, 0o777);
  const script = `
    import { openDuckdb } from '@basketwise/data';
    const [, folder] = process.argv;
    const engine = await openDuckdb({ memory: '100MB', threads: 1, tempDirectory: folder + '/spill', path: folder });
    await engine.relation({ from: 'customers.csv' }, { place: 'tables.customers' }).catch(({ code, message }) => console.log(code + ' ' + message));`;
  // Modes do not hold for root: drop to another user.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, folder], user);
  expect(stdout).toMatch(/^not-permitted tables\.customers: not allowed to read .*customers\.csv/);
});

test('too little memory for a statement ends with what to raise: 69', async () => {
  const folder = await temporaryFolder();
  const engine = await openDuckdb({ memory: '20MB', threads: 1, tempDirectory: join(folder, 'spill') });
  const run = engine.run('CREATE TABLE t AS SELECT list(range) FROM range(20000000)', { place: 'somewhere' });
  await expect(run).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('memory'),
    hint: expect.stringContaining('source.memory'),
  });
  await engine.close();
});

test('an aborted signal stops a statement and a stream, with the reason given', async () => {
  const engine = await openEngine(await temporaryFolder());
  const endless = 'SELECT count(*) FROM range(10000000) a, range(1000000) b';
  for (const work of [
    (signal: AbortSignal) => engine.run(`CREATE TABLE t AS ${endless}`, { signal }),
    async (signal: AbortSignal) => {
      for await (const _ of engine.query(endless, { signal }));
    },
  ]) {
    const controller = new AbortController();
    const running = work(controller.signal);
    setTimeout(() => controller.abort(new AppError('terminated', 'stopped by a test', 'Run again.')), 50);
    await expect(running).rejects.toMatchObject({ code: 'terminated' });
    await expect(work(AbortSignal.abort())).rejects.toMatchObject({ code: 'interrupted' });
  }
});
