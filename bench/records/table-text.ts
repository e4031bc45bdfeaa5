import { tableOf } from '../../scripts/reference/markdown.ts';
import type { ResultTable } from './record.ts';

/**
 * A table in Markdown, without the columns that have no value. Numbers of a column have equally many decimals, if they are below 100 or have one at
 * most. Those below 1 have no leading 0.
 */
export function tableText({ columns: all, rows }: ResultTable): string {
  const cellsOf = (column: number) => rows.map((row) => row[column] ?? '');
  const used = [...all.keys()].filter((column) => rows.length === 0 || cellsOf(column).some((cell) => cell !== ''));
  const columns = used.map((column) => all[column]!);
  const cells = used.map(cellsOf);
  const texts = cells.map(columnTexts);
  const areNumbers = cells.map((column) => column.every((cell) => /^$|^[-+]?[\d.,]+(e-\d+)?( %)?$/.test(String(cell))));
  return tableOf(
    columns,
    rows.map((_, row) => texts.map((column) => column[row]!)),
    areNumbers,
  );
}

function columnTexts(cells: readonly (string | number)[]): string[] {
  const numbers = cells.filter((cell) => typeof cell === 'number');
  const decimalsOf = (value: number) => String(value).split('.')[1]?.length ?? 0;
  const most = Math.max(0, ...numbers.map(decimalsOf));
  const isEven = most < 2 || numbers.every((value) => Math.abs(value) < 100);
  const text = (value: number) =>
    Math.abs(value) < 1000 ? value.toFixed(isEven ? most : decimalsOf(value)) : grouped(Math.round(value));
  return cells.map((cell) => withoutZero(typeof cell === 'number' ? text(cell) : cell));
}

/** Text whose decimal numbers below 1 begin with the point; numbers of versions remain. */
export function withoutZero(text: string): string {
  return text.replaceAll(/(?<![\d.])0(?=\.\d*[1-9]\d*(?!\d|\.\d))/g, '');
}

/** A number with so many decimals at most. */
export const fixed = (value: number, decimals: number) => Number(value.toFixed(decimals));

/** A count with thousands separators. */
export const grouped = (count: number) => count.toLocaleString('en');
