import type { BasketTable } from './basket-table.ts';

/** Position of each table column among a model's columns, by product code; -1 for columns that the model does not have. */
export function columnMap(modelColumns: readonly string[], table: BasketTable): Int32Array {
  const place = new Map(modelColumns.map((code, column) => [code, column]));
  return Int32Array.from(table.columns, (code) => place.get(code) ?? -1);
}
