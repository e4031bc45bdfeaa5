import { tableOf } from '../../scripts/reference/markdown.ts';
import type { ResultTable } from './record.ts';

/** A table in Markdown. Numbers of a column below 100 have equally many decimals, numbers below 1 no leading 0, and those from 1,000 on no decimals. */
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
  const most = numbers.some((value) => Math.abs(value) >= 100) ? undefined : Math.max(0, ...numbers.map(decimalsOf));
  const text = (value: number) =>
    Math.abs(value) < 1000 ? value.toFixed(most ?? decimalsOf(value)) : grouped(Math.round(value));
  return cells.map((cell) => withoutZero(typeof cell === 'number' ? text(cell) : cell));
}

/** Text whose decimal numbers below 1 begin with the point; numbers of versions remain. */
export function withoutZero(text: string): string {
  return text.replaceAll(/(?<![\d.])0(?=\.\d+(?!\d|\.\d))/g, '');
}

/** A number with so many decimals at most. */
export const fixed = (value: number, decimals: number) => Number(value.toFixed(decimals));

/** A count with thousands separators. */
export const grouped = (count: number) => count.toLocaleString('en');
