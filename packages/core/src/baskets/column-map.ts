import type { BasketTable } from './basket-table.ts';

/** Where each column of a table is among a model's columns, by product code; -1 where the model never saw it. */
export function columnMap(modelColumns: readonly string[], table: BasketTable): Int32Array {
  const place = new Map(modelColumns.map((code, column) => [code, column]));
  return Int32Array.from(table.columns, (code) => place.get(code) ?? -1);
}
