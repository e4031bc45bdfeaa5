/** Rows of a table, first included, last not. */
export interface RowRange {
  from: number;
  to: number;
}

/** Divides a range into blocks of `rows` rows, the last one shorter: fixed shares of work for any number of workers. */
export function blocksOf({ from, to }: RowRange, rows: number): RowRange[] {
  return Array.from({ length: Math.ceil((to - from) / rows) }, (_, i) => {
    const first = from + i * rows;
    return { from: first, to: Math.min(first + rows, to) };
  });
}
