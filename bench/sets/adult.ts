import { readFile } from 'node:fs/promises';
import { compareCodes, required } from '@basketwise/core';
import { type DataSet, dataFile } from './real-sets.ts';

const columns = ['sex', 'marital-status', 'age', 'native-country', 'occupation', 'education'];

const known = (value: string) => (value === '?' || value === 'NA' ? '' : value);

/** Facts of a row that stand for products. */
function productsOf(row: Readonly<Record<string, string>>): string[] {
  const hours = Number(row['hours-per-week']);
  const flags: readonly (readonly [string, boolean])[] = [
    [`work ${row.workclass}`, known(row.workclass!) !== ''],
    [`family ${row.relationship}`, true],
    [hours < 35 ? 'part time' : hours > 40 ? 'overtime' : 'full time', true],
    ['capital gain', Number(row['capital-gain']) > 0],
    ['capital loss', Number(row['capital-loss']) > 0],
    ['large income', row.income === 'large'],
  ];
  return flags.flatMap(([name, holds]) => (holds ? [name.toLowerCase()] : []));
}

/**
 * UCI Adult as a bank without dates: six ordinary columns, its other facts as products. Undefined where the set is absent.
 * @param most customers, the first of the file
 */
export async function adultSet(most: number): Promise<DataSet | undefined> {
  const file = dataFile('adult/adult_uci.csv');
  if (file === undefined) return;
  const [header, ...lines] = (await readFile(file, 'utf8')).trim().split(/\r?\n/);
  const cells = (line: string) => line.split(',').map((cell) => cell.replaceAll('"', ''));
  const names = cells(header!);
  const rows = lines.slice(0, most).map((line) => Object.fromEntries(cells(line).map((cell, column) => [names[column]!, cell])));
  const items = [...new Set(rows.flatMap(productsOf))].sort(compareCodes);
  const itemAt = new Map(items.map((item, i) => [item, i]));
  return {
    ...{ name: 'adult', items },
    sets: rows.map((row) =>
      productsOf(row)
        .map((item) => required(itemAt, item))
        .sort((a, b) => a - b),
    ),
    columns: Object.fromEntries(columns.map((name) => [name, rows.map((row) => known(row[name]!))])),
  };
}
