import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdb } from '@basketwise/data';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { surveyBank } from '../../../../packages/insight/src/init/init.ts';
import { initText } from '../../../../packages/insight/src/init/init-text.ts';
import type { InitAnswers } from '../../../../packages/insight/src/init/roles.ts';
import type { Tables } from '../../../e2e/cli/strange-banks.ts';
import { encodedText } from '../../data/encoded-text.ts';
import type { Cell, StrangeBank } from './plain-bank.ts';

/** The form in which a bank's tables are written. */
type Layout = Pick<StrangeBank, 'tables' | 'delimiter' | 'encoding' | 'isDatabase' | 'dates'>;

const dayMilliseconds = 86_400_000;

/** An ISO date in the form of a bank; other cells as they are. */
export function dated(cell: Cell, format: string | undefined): Cell {
  if (format === undefined || typeof cell !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(cell)) return cell;
  if (format === 'excel') return (Date.parse(cell) - Date.parse('1899-12-30')) / dayMilliseconds;
  const [year, month, date] = cell.split('-') as [string, string, string];
  return format.replace('YYYY', year).replace('YY', year.slice(2)).replace('MM', month).replace('DD', date);
}

function csv(table: Tables[string], delimiter: string): string {
  const cell = (value: string | number | null) => (value === null ? '' : String(value));
  return `${table.map((row) => row.map(cell).join(delimiter)).join('\n')}\n`;
}

/** Writes the tables of a bank; returns the folder and the path to survey. */
export async function written({ tables: plain, delimiter = ',', encoding, isDatabase, dates }: Layout) {
  const tables: Tables = Object.fromEntries(
    Object.entries(plain).map(([name, rows]) => [name, rows.map((row) => row.map((cell) => dated(cell, dates)))]),
  );
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-tables-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const data = join(folder, 'data');
  mkdirSync(data);
  for (const [name, table] of Object.entries(tables)) {
    const text = csv(table, delimiter);
    const bytes = encoding === undefined ? text : encodedText(text, encoding);
    writeFileSync(join(data, name), bytes);
  }
  if (!isDatabase) return { folder, path: data };
  const path = join(folder, 'bank.duckdb');
  const engine = await openDuckdb({ memory: '200MB', threads: 2, tempDirectory: join(folder, 'spill') });
  await engine.run(`ATTACH '${path}' AS bank`);
  for (const [name, [head, ...rows]] of Object.entries(tables)) {
    const types = head!.map(
      (column, i) => `'${column}': '${rows.some((row) => typeof row[i] === 'string') ? 'VARCHAR' : 'BIGINT'}'`,
    );
    const read = `read_csv('${join(data, name)}', header = true, columns = {${types.join(', ')}})`;
    await engine.run(`CREATE TABLE bank.${name.split('.')[0]} AS FROM ${read}`);
  }
  await engine.close();
  return { folder, path };
}

/** The config of a bank as `init --yes` writes it. */
export async function configured(layout: Layout, choices: InitAnswers = {}) {
  const { folder, path } = await written(layout);
  const file = join(folder, 'basketwise.yaml');
  const bank = await surveyBank(path);
  try {
    const result = await bank.configFor(file, choices);
    writeFileSync(file, result.text);
    return { ...result, file, config: parse(result.text), said: initText('basketwise.yaml', bank, result) };
  } finally {
    await bank.close();
  }
}
