/** Largest number of bytes of rows that one matrix caches: enough for all rows of a matrix of 2,896 columns. */
export const lineBytes = 2 ** 26;

/** Source of a square matrix that is computed row by row. */
export interface LineSource {
  /** Writes all values of a row into f64[columns]. */
  write(row: number, line: Float64Array): void;
  /** Computes one value. Absent: the value is read from its computed row. */
  cell?(row: number, column: number): number;
}

/** Read access to the rows of a matrix of columns x columns, or of more rows. Callers must not change the returned arrays. */
export interface ItemLines {
  /** Number of columns of the matrix. */
  readonly width: number;
  /** A row, f64[columns]. */
  line(row: number): Float64Array;
  /** One value of the matrix. It is computed alone if that takes less work than its row. */
  cell(row: number, column: number): number;
  /** The first `rows` rows: f64[rows x columns]. */
  whole(rows: number): Float64Array;
}

/**
 * Matrix whose rows are computed when they are first read. A bounded number of rows is cached. All others are computed again at
 * each read, with the same bytes.
 */
export class CachedLines implements ItemLines {
  readonly width: number;
  readonly #source: LineSource;
  readonly #most: number;
  readonly #lines = new Map<number, Float64Array>();

  constructor(width: number, source: LineSource, bytes = lineBytes) {
    this.width = width;
    this.#source = source;
    this.#most = Math.max(1, Math.floor(bytes / (8 * width)));
  }

  line(row: number): Float64Array {
    const cached = this.#lines.get(row);
    if (cached !== undefined) return cached;
    const line = new Float64Array(this.width);
    this.#source.write(row, line);
    if (this.#lines.size >= this.#most) this.#lines.delete(this.#lines.keys().next().value!);
    this.#lines.set(row, line);
    return line;
  }

  cell(row: number, column: number): number {
    const cached = this.#lines.get(row);
    if (cached !== undefined) return cached[column]!;
    return this.#source.cell?.(row, column) ?? this.line(row)[column]!;
  }

  whole(rows: number): Float64Array {
    const values = new Float64Array(rows * this.width);
    for (let row = 0; row < rows; row++) values.set(this.line(row), row * this.width);
    return values;
  }
}

/** Wraps a matrix in memory, f64[columns x columns], as `ItemLines`. */
export function linesOf(matrix: Float64Array, width: number): ItemLines {
  return {
    width,
    line: (row) => matrix.subarray(row * width, (row + 1) * width),
    cell: (row, column) => matrix[row * width + column]!,
    whole: (rows) => matrix.subarray(0, rows * width),
  };
}
