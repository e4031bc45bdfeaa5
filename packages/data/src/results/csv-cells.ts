import { escapedStarts } from '@basketwise/core/parts';
import { recommendationColumns } from './recommendation-columns.ts';

const bankTexts = recommendationColumns.filter((column) => column.bankText).map(({ name }) => name);

const apostrophe = "'".codePointAt(0)!;

function replacedColumns(of: (column: string) => string): string {
  return `* REPLACE (${bankTexts.map((column) => `${of(column)} AS ${column}`).join(', ')})`;
}

/**
 * SQL select items of recommendations, in which texts of the bank are escaped as `escapedCell` does. The SQL compares characters
 * with a list value, because the engine turns an IN of many values into a join, which changes the order of rows.
 */
export const escapedColumns = replacedColumns(
  (column) =>
    `CASE WHEN list_contains([${escapedStarts.join(', ')}], ascii(${column})) THEN concat('''', ${column}) ELSE ${column} END`,
);

/** SQL select items that restore the bank's texts from escaped recommendations. */
export const unescapedColumns = replacedColumns(
  (column) => `CASE WHEN ascii(${column}) = ${apostrophe} THEN substr(${column}, 2) ELSE ${column} END`,
);
