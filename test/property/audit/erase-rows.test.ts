import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetCustomers } from '@basketwise/audit';
import { type CsvStyle, type DuckdbEngine, openDuckdb, queryRows, recommendationColumns } from '@basketwise/data';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { finishResults } from '../../../packages/data/src/results/write-results.ts';
import { sealedText } from '../../../packages/pipeline/src/run/seal.ts';
import { cases } from '../../cases.ts';

let folder: string;
let engine: DuckdbEngine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basketwise-erase-'));
  engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

interface Row {
  id: string;
  name: string;
  reason: string | null;
}

interface Form {
  escapeFormulas: boolean;
  csv: CsvStyle;
}

/** Writes the recommendations of a run as a run does. @returns text of the CSV file */
async function writeLists(place: string, rows: readonly Row[], form: Form, isLeft = (_: Row) => true): Promise<string> {
  const temporary = join(place, 'work');
  mkdirSync(temporary, { recursive: true });
  const cells = ({ id, name, reason }: Row, i: number) => {
    const texts: Partial<Record<string, string | null>> = {
      customer: id,
      product_name: name,
      reason,
      rank: `${i}`,
      score: `${i / 10}`,
    };
    const cell = (column: string) => (texts[column] == null ? 'NULL' : engine.dialect.text(texts[column]));
    return recommendationColumns.map((column) => `CAST(${cell(column.name)} AS ${column.parquet}) AS ${column.name}`).join(', ');
  };
  const shape = `SELECT 0 AS line, ${cells({ id: '', name: '', reason: null }, 0)}`;
  const lines = rows.flatMap((row, i) => (isLeft(row) ? `SELECT ${i + 1} AS line, ${cells(row, i + 1)}` : []));
  const query = `SELECT * EXCLUDE (line) FROM (${[shape, ...lines].join(' UNION ALL ')}) WHERE line > 0 ORDER BY line`;
  await engine.copyToParquet(query, join(temporary, 'recommendations.parquet'));
  await finishResults(engine, temporary, recommendationColumns, { folder: place, formats: ['parquet', 'csv'], ...form });
  rmSync(temporary, { recursive: true });
  return readFileSync(join(place, 'recommendations.csv'), 'utf8');
}

const signs = ['A', 'B', '0', ',', ';', '\t', '|', '"', "'", '=', '-', '\n', '\r', '\uff1d', '\ufeff', ' ', '김', '#', '\\'];
const texts = (least: number) =>
  fc.array(fc.constantFrom(...signs), { minLength: least, maxLength: 4 }).map((parts) => parts.join(''));
const bank = fc.record({
  rows: fc.array(fc.record({ id: texts(1), name: texts(0), reason: fc.option(texts(0)) }), { minLength: 1, maxLength: 8 }),
  picked: fc.array(fc.nat(7), { maxLength: 3 }),
  guessed: fc.array(texts(1), { minLength: 1, maxLength: 3 }),
  form: fc.record({
    escapeFormulas: fc.boolean(),
    csv: fc.record({
      bom: fc.boolean(),
      delimiter: fc.constantFrom<CsvStyle['delimiter'][]>(',', ';', '\t', '|'),
      quote_text: fc.boolean(),
    }),
  }),
});

test('an erasure removes the rows of the named customers and leaves all others as the writer wrote them', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(bank, async ({ rows, picked, guessed, form }) => {
      const output = join(folder, `out-${runs++}`);
      const place = join(output, 'runs', '2022-08-31-00000000');
      await writeLists(place, rows, form);
      const config = { output: { escape_formulas: form.escapeFormulas } };
      writeFileSync(join(place, 'manifest.json'), sealedText({ config }));
      const ids = [...new Set([...guessed, ...picked.map((i) => rows[i % rows.length]!.id)])];
      const { customers, absent } = await forgetCustomers(output, ids, []);
      const left = rows.map((row, i) => ({ row, i })).filter(({ row }) => !ids.includes(row.id));
      const lists = `read_parquet(${engine.dialect.text(join(place, 'recommendations.parquet'))})`;
      const inParquet = await queryRows(engine, `SELECT customer AS id, rank FROM ${lists}`);
      expect(inParquet).toEqual(left.map(({ row, i }) => ({ id: row.id, rank: i + 1 })));
      const found = readFileSync(join(place, 'recommendations.csv'), 'utf8');
      expect(found).toBe(await writeLists(join(output, 'expected'), rows, form, (row) => !ids.includes(row.id)));
      const absentIds = ids.filter((id) => !rows.some((row) => row.id === id));
      expect([customers, absent.map((i) => ids[i])]).toEqual([ids.length - absentIds.length, absentIds]);
      rmSync(output, { recursive: true });
    }),
    { numRuns: cases(300) },
  );
});
