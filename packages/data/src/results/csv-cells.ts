import { escapedStarts } from '@basketwise/core/parts';
import { recommendationColumns } from './recommendation-columns.ts';

const bankTexts = recommendationColumns.filter((column) => column.bankText).map(({ name }) => name);

const apostrophe = "'".codePointAt(0)!;

function replacedColumns(of: (column: string) => string): string {
  return `* REPLACE (${bankTexts.map((column) => `${of(column)} AS ${column}`).join(', ')})`;
}

/**
 * Select items of recommendations, with the bank's texts escaped by `escapedCell`.
 * The characters are in a list, because the engine would turn an IN of many values into a join, which does not preserve the order
 * of rows.
 */
export const escapedColumns = replacedColumns(
  (column) =>
    `CASE WHEN list_contains([${escapedStarts.join(', ')}], ascii(${column})) THEN concat('''', ${column}) ELSE ${column} END`,
);

/** Select items of escaped recommendations, with the bank's original texts. */
export const unescapedColumns = replacedColumns(
  (column) => `CASE WHEN ascii(${column}) = ${apostrophe} THEN substr(${column}, 2) ELSE ${column} END`,
);
