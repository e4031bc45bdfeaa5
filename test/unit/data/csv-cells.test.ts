import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapedCell } from '@basketwise/core';
import {
  type CsvStyle,
  openDuckdb,
  publishedRelation,
  queryRows,
  recommendationColumns,
  writeJoinedResults,
} from '@basketwise/data';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from './bank.ts';

const formulas = ['=1+1', '+82-2', '-5', '@SUM(A1)', '\t=1', '\r=1', '＝1', '＋1', '－1', '＠x', "'=1", "''", "'"];
const others = ['0001', 'D-1', '정기예금', 'a=b', ' =1', '', '"q", r', '1.5'];

test.each(formulas)('%j gets an apostrophe', (text) => expect(escapedCell(text)).toBe(`'${text}`));
test.each(others)('%j stays', (text) => expect(escapedCell(text)).toBe(text));

/** Writes one campaign of these texts as CSV; gives the file's text and the texts as they are read again. */
async function written(texts: readonly string[], escapeFormulas: boolean, csv?: CsvStyle) {
  const folder = await temporaryFolder();
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
  const { text } = engine.dialect;
  const values = recommendationColumns.map(({ name, parquet: type }) => {
    const value =
      ({ campaign: "'c'", source: "'model'", customer: 'i', product_code: 't', product_name: 't' } as Record<string, string>)[
        name
      ] ?? 'NULL';
    return `CAST(${value} AS ${type}) AS ${name}`;
  });
  const rows = texts.map((one, i) => `(${i}, ${text(one)})`).join(', ');
  await engine.run(`CREATE TABLE lists AS SELECT ${values.join(', ')} FROM (VALUES ${rows}) v(i, t)`);
  await engine.run(`CREATE TABLE members AS SELECT CAST(i AS VARCHAR) AS unit, t AS customer FROM (VALUES ${rows}) v(i, t)`);
  const lists = { lists: 'lists', members: [{ campaign: 'c', from: 'members' }] };
  await writeJoinedResults(engine, lists, { folder, formats: ['parquet', 'csv'], escapeFormulas, csv });
  const read = async (format: 'parquet' | 'csv') => {
    const from = publishedRelation(engine.dialect, folder, { formats: [format], escape_formulas: escapeFormulas, csv });
    return queryRows(engine, `SELECT * FROM ${from} ORDER BY ALL`);
  };
  const found = { csv: await read('csv'), parquet: await read('parquet') };
  await engine.close();
  return { ...found, text: await readFile(join(folder, 'recommendations.csv'), 'utf8') };
}

test('recommendations.csv has no cell that a spreadsheet carries out, and is read back unchanged', async () => {
  const texts = [...formulas, ...others.filter((text) => text !== '')];
  const { csv, parquet, text } = await written(texts, true);
  expect(csv).toEqual(parquet);
  for (const formula of ['=1+1', '+82-2', '@SUM(A1)', '＝1']) expect(text).toContain(`'${formula},`);
  expect(text).not.toMatch(/(^|\n|,)"?[=+@＝＋－＠\t\r]/);
});

test('any text comes back', async () => {
  const texts = fc.sample(
    fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replace(/[\0\r\n]/g, '.')),
    { numRuns: 200, seed: 1 },
  );
  const prefixed = texts.flatMap((text) => [text, `=${text}`, `'${text}`]);
  const { csv, parquet } = await written([...new Set(prefixed)], true);
  expect(csv).toEqual(parquet);
});

test('without the option texts are written untouched', async () => {
  const { csv, parquet, text } = await written(['=1+1', "'x"], false);
  expect(csv).toEqual(parquet);
  expect(text).toContain('=1+1,c');
});

test.each([',', ';', '\t', '|'] as const)(
  'with the mark of UTF-8, texts in quotes and %j between cells the same comes back',
  async (delimiter) => {
    const { csv, parquet, text } = await written(['0001', '정기예금', 'a;b,c|d\te"f'], true, {
      bom: true,
      delimiter,
      quote_text: true,
    });
    expect(csv).toEqual(parquet);
    expect(text.startsWith('\ufeff"customer"') || text.startsWith('\ufeffcustomer')).toBe(true);
    const [head, ...rows] = text.trimEnd().split('\n');
    expect(head!.split(delimiter).length).toBe(recommendationColumns.length);
    expect(rows.some((row) => row.startsWith(`"0001"${delimiter}"c"`))).toBe(true);
  },
);
