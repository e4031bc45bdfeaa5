import duckdb from '@duckdb/node-bindings';

/** Texts in Parquet's format, one after the other. Before the UTF-8 of each text is its length in 4 bytes. */
export interface TextBlock {
  rows: number;
  bytes: Uint8Array;
}

/** Smallest number of texts of a block. The last block may have fewer. */
const leastTexts = 2 ** 16;
/**
 * Largest number of bytes of a text that DuckDB stores inline. Each string takes 16 bytes: its length, then the text, or a prefix
 * and a pointer.
 */
const inlineBytes = 12;

/** Collects the texts of a column from DuckDB's chunks. No JavaScript string is made. */
export class TextBlockBuilder {
  #bytes = new Uint8Array(leastTexts * 16);
  #end = 0;
  #rows = 0;

  /** Adds a chunk of a column without nulls. Returns a block if it is full; otherwise undefined. */
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

  /** Returns the remaining texts as a block. Undefined if there are none. */
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
