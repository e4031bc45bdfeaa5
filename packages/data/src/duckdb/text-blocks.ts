import duckdb from '@duckdb/node-bindings';

/** Texts in Parquet's format: a length of 4 bytes before the UTF-8 of each, one after the other. */
export interface TextBlock {
  rows: number;
  bytes: Uint8Array;
}

/** Fewest texts of a block, except the last. */
const leastTexts = 2 ** 16;
/** Longest text that DuckDB stores inline. Its strings take 16 bytes: a length, then the text, or a prefix and a pointer. */
const inlineBytes = 12;

/** Collects the texts of a column from DuckDB's chunks, without a JavaScript string for each. */
export class TextBlockBuilder {
  #bytes = new Uint8Array(leastTexts * 16);
  #end = 0;
  #rows = 0;

  /** Adds a column of non-null texts. Returns a block when it is full. */
  add(vector: duckdb.Vector, rows: number): TextBlock | undefined {
    const { buffer, byteOffset } = duckdb.vector_get_data(vector, rows * 16);
    const source = new Uint8Array(buffer as ArrayBuffer, byteOffset, rows * 16);
    const words = new DataView(buffer as ArrayBuffer, byteOffset, rows * 16);
    for (let at = 0; at < rows * 16; at += 16) {
      const length = words.getUint32(at, true);
      if (this.#end + 4 + length > this.#bytes.length) this.#grow(4 + length);
      const bytes = this.#bytes;
      const end = this.#end;
      if (length <= inlineBytes) {
        for (let i = 0; i < 4 + length; i++) bytes[end + i] = source[at + i]!;
      } else {
        for (let i = 0; i < 4; i++) bytes[end + i] = source[at + i]!;
        bytes.set(duckdb.get_data_from_pointer(buffer as ArrayBuffer, byteOffset + at + 8, length), end + 4);
      }
      this.#end = end + 4 + length;
    }
    this.#rows += rows;
    return this.#rows >= leastTexts ? this.take() : undefined;
  }

  /** Remaining texts, if any. */
  take(): TextBlock | undefined {
    if (this.#rows === 0) return undefined;
    const block = { rows: this.#rows, bytes: this.#bytes.slice(0, this.#end) };
    this.#end = 0;
    this.#rows = 0;
    return block;
  }

  #grow(missing: number): void {
    const bytes = new Uint8Array((this.#bytes.length + missing) * 2);
    bytes.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = bytes;
  }
}
