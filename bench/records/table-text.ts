import { tableOf } from '../../scripts/reference/markdown.ts';
import type { ResultTable } from './record.ts';

/** A table in Markdown. Numbers of a column have equally many decimals, if they are below 100 or have one at most. Those below 1 have no leading 0. */
export function tableText({ columns, rows }: ResultTable): string {
  const cells = columns.map((_, column) => rows.map((row) => row[column] ?? ''));
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
