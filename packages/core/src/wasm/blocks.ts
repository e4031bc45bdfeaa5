/** Rows of a table, first included, last not. */
export interface RowRange {
  from: number;
  to: number;
}

/** Cuts a range into blocks of `rows` rows, the last one shorter: the fixed shares of work that any number of workers may take. */
export function blocksOf({ from, to }: RowRange, rows: number): RowRange[] {
  return Array.from({ length: Math.ceil((to - from) / rows) }, (_, i) => {
    const first = from + i * rows;
    return { from: first, to: Math.min(first + rows, to) };
  });
}
