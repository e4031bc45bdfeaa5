import {
  type Address,
  bug,
  type KernelCall,
  type KernelMemory,
  type KernelName,
  type KernelPool,
  nowhere,
  offset,
  type ScratchBytes,
} from '@basketwise/core';
import type { EntryColumn, RowGroup, StoredLists, WindowLists } from './lists.ts';
import { type OpenPage, Pages } from './pages.ts';
import {
  bitsOf,
  type ColumnName,
  type Dictionary,
  type EncodedColumn,
  encodedColumn,
  fullLevels,
  numberDictionary,
  textDictionary,
} from './parquet-column.ts';

/** Function that returns an encoded column of one row group. It is called after all kernels, when memory no longer grows. */
export type Encode = () => EncodedColumn;

/** Arrays with a value per row, one array for each row group. `begin` computes them. */
interface LaidOut {
  /** Position of each row's entry in the lists, u32[rows]. */
  place: Address[];
  /** Rank of each row in its list, from 0, u32[rows]. */
  rank: Address[];
  /** Cluster of each row, u32[rows]. Undefined if the lists have no clusters. */
  cluster: Address[] | undefined;
  /** Columns of the lists' entries, one after the other, each with a word per row. */
  entries: Address[];
}

/** Encodes row groups. Each call encodes one column of all groups. */
export class RowGroupEncoder {
  readonly lists: StoredLists;
  readonly #pool: KernelPool;
  readonly #memory: KernelMemory;
  readonly #window: WindowLists;
  readonly #groups: readonly RowGroup[];
  readonly #rows: LaidOut;
  readonly #pages: Pages;

  private constructor(pool: KernelPool, lists: StoredLists, window: WindowLists, groups: readonly RowGroup[]) {
    this.#pool = pool;
    this.#memory = pool.memory;
    this.lists = lists;
    this.#window = window;
    this.#groups = groups;
    this.#pages = new Pages(pool, groups);
    const [place, rank] = [this.#words(), this.#words()];
    const entries = this.#words(lists.columns.length);
    this.#rows = { place, rank, cluster: lists.cluster !== nowhere ? this.#words() : undefined, entries };
  }

  /**
   * Computes which entry of the lists each row of the groups has.
   * @param window lists of the customers of the window
   */
  static async begin(
    pool: KernelPool,
    lists: StoredLists,
    window: WindowLists,
    groups: readonly RowGroup[],
  ): Promise<RowGroupEncoder> {
    const encoder = new RowGroupEncoder(pool, lists, window, groups);
    const { place, rank, cluster, entries: target } = encoder.#rows;
    await encoder.#run('resultRows', ({ from, to }, i) => {
      const written = { place: place[i]!, rank: rank[i]!, cluster: cluster?.[i] ?? nowhere };
      return { ...window, from, to, clusterOf: lists.cluster, ...written };
    });
    const { entries, columns } = lists;
    await encoder.#run('gatherEntries', ({ rows }, i) => {
      return { place: place[i]!, rows, entries, words: columns.length, target: target[i]! };
    });
    return encoder;
  }

  /**
   * Encoded columns of each row group, in order. They refer to kernel memory, and are valid until the caller releases its mark.
   */
  finish(columns: readonly (readonly Encode[])[]): EncodedColumn[][] {
    return this.#groups.map((_, i) => columns.map((column) => column[i]!()));
  }

  /**
   * Column of the lists' entries, with a word per row.
   * @throws AppError bug if the lists lack it
   */
  entries(column: EntryColumn): readonly Address[] {
    const found = this.optionalEntries(column);
    if (found === undefined) throw bug(`lists without ${column}`);
    return found;
  }

  /** Column of the lists' entries, with a word per row. Undefined if the lists lack it. */
  optionalEntries(column: EntryColumn): readonly Address[] | undefined {
    const at = this.lists.columns.indexOf(column);
    return at < 0 ? undefined : this.#rows.entries.map((address, i) => offset(address, at * this.#groups[i]!.rows * 4));
  }

  /** Replaces product numbers, by row, by the indices of their names. Overwrites the positions of the rows in the lists. */
  async names(products: readonly Address[]): Promise<readonly Address[]> {
    const { place: target } = this.#rows;
    const { nameOf: entries } = this.lists;
    await this.#run('gatherEntries', ({ rows }, i) => ({ place: products[i]!, rows, entries, words: 1, target: target[i]! }));
    return target;
  }

  /** Allocates one array per row group, with `each` words for every row. */
  #words(each = 1): Address[] {
    return this.#groups.map(({ rows }) => this.#memory.allocate(rows * each * 4));
  }

  /** Calls a kernel once per row group. */
  #run<Kernel extends KernelName>(
    kernel: Kernel,
    call: (group: RowGroup, i: number) => KernelCall<Kernel>,
    ...scratchBytes: ScratchBytes<Kernel>
  ): Promise<Float64Array> {
    return this.#pool.run(kernel, this.#groups.map(call), ...scratchBytes);
  }

  /** Encodes customer ids: a dictionary of the row group, and a page with the number of rows of each id. */
  async customers(name: string): Promise<Encode[]> {
    const { texts, pages } = await this.#customerRuns();
    const ends = texts.map((address, i) => ({ address, end: offset(address, this.#groups[i]!.textBytes) }));
    return this.#customers({ name, type: 'BYTE_ARRAY' }, pages, ends, ({ least, greatest }) =>
      bounds(this.#text(least), this.#text(greatest)),
    );
  }

  /** Encodes customer ids as 64-bit integers: a dictionary of the row group, and a page with the number of rows of each id. */
  async integerCustomers(name: string): Promise<Encode[]> {
    const { texts, pages } = await this.#customerRuns();
    const numbers = this.#groups.map(({ served }) => this.#memory.allocate(served * 8));
    const ranges = this.#groups.map(({ served }, i) => {
      const { buffer } = this.#memory.memory;
      return textsToIntegers(new DataView(buffer, texts[i]!), new BigInt64Array(buffer, numbers[i]!, served));
    });
    const ends = numbers.map((address, i) => ({ address, end: offset(address, this.#groups[i]!.served * 8) }));
    return this.#customers({ name, type: 'INT64' }, pages, ends, (_, i) => ranges[i]!);
  }

  /** Writes the distinct ids of each group with their lengths, and pages with the number of rows of each id. */
  async #customerRuns(): Promise<{ texts: Address[]; pages: OpenPage[] }> {
    const widthOf = ({ served }: RowGroup) => bitsOf(served);
    const texts = this.#groups.map(({ textBytes }) => this.#memory.allocate(textBytes));
    const pages = this.#pages.full((group) => group.served * (5 + Math.ceil(widthOf(group) / 8)));
    for (const [i, page] of pages.entries()) this.#pages.appendByte(page, widthOf(this.#groups[i]!));
    const lengths = await this.#run('resultCustomers', (group, i) => {
      const { from, to, ids } = group;
      const written = { texts: texts[i]!, runs: pages[i]!.end };
      return { length: this.#window.length, from, to, ids, width: widthOf(group), ...written };
    });
    for (const [i, page] of pages.entries()) page.end = offset(page.end, lengths[i]!);
    return { texts, pages };
  }

  async #customers(
    column: ColumnName,
    pages: readonly OpenPage[],
    values: readonly OpenPage[],
    statisticsOf: (group: RowGroup, i: number) => ReturnType<typeof bounds>,
  ): Promise<Encode[]> {
    const dictionaries = await this.#pages.compressed(values);
    const data = await this.#pages.compressed(pages);
    return this.#groups.map((group, i) => () => {
      const { rows, served } = group;
      const dictionary = { count: served, ...dictionaries[i]!() };
      const body = { rows, nulls: 0, dictionary, data: data[i]!(), statistics: statisticsOf(group, i), isCompressed: true };
      return encodedColumn(column, body);
    });
  }

  #text(id: Address): string {
    const length = new DataView(this.#memory.memory.buffer).getUint32(id, true);
    return Buffer.from(this.#memory.u8(offset(id, 4), length)).toString('utf8');
  }

  /** Encodes a column that has the same text in all rows. */
  constant(name: string, value: string): Encode[] {
    const column: ColumnName = { name, type: 'BYTE_ARRAY' };
    const dictionary = textDictionary([value]);
    return this.#groups.map(({ rows }) => () => {
      // An index into a dictionary of one text has zero bits. So the page has only the definition levels.
      const levels = fullLevels(rows);
      const stored = Buffer.concat([levels, Uint8Array.of(0), levels.subarray(4, -1)]);
      const data = { stored, bytes: stored.length };
      return encodedColumn(column, { rows, nulls: 0, dictionary, data, statistics: bounds(value, value) });
    });
  }

  /** Encodes ranks, counted from 1. */
  async ranks(name: string): Promise<Encode[]> {
    const { rank } = this.#rows;
    const widths = this.#groups.map(({ longest }) => bitsOf(longest));
    const pages = this.#pages.full(({ rows, longest }) => (rows * bitsOf(longest)) / 8 + 32);
    await this.#pages.pack(
      pages,
      rank,
      this.#groups.map(({ rows }) => rows),
      widths,
    );
    return this.#groups.map(({ rows, longest }, i) => () => {
      const dictionary = numberDictionary(Int32Array.from({ length: longest }, (_, k) => k + 1));
      const body = { rows, nulls: 0, dictionary, data: this.#pages.body(pages[i]!), statistics: bounds(1, longest) };
      return encodedColumn({ name, type: 'INT32' }, body);
    });
  }

  /** Encodes texts of a dictionary. No value is null. */
  async texts(name: string, values: readonly Address[], dictionary: Dictionary): Promise<Encode[]> {
    const width = bitsOf(dictionary.count);
    const pages = this.#pages.full(({ rows }) => (rows * width) / 8 + width + 32);
    const counts = this.#groups.map(({ rows }) => rows);
    await this.#pages.pack(
      pages,
      values,
      counts,
      counts.map(() => width),
    );
    return this.#groups.map(({ rows }, i) => () => {
      const data = this.#pages.body(pages[i]!);
      return encodedColumn({ name, type: 'BYTE_ARRAY' }, { rows, nulls: 0, dictionary, data });
    });
  }

  /** Encodes single-precision numbers. No value is null. */
  async floats(name: string, values: readonly Address[]): Promise<Encode[]> {
    const pages = this.#pages.full(({ rows }) => rows * 4);
    for (const [i, page] of pages.entries()) this.#pages.append(page, values[i]!, this.#groups[i]!.rows);
    const data = await this.#pages.compressed(pages);
    return this.#groups.map(
      ({ rows }, i) =>
        () =>
          encodedColumn({ name, type: 'FLOAT' }, { rows, nulls: 0, data: data[i]!(), isCompressed: true }),
    );
  }

  /** Encodes single-precision numbers. NaN is written as null. Without `values`, all are null. */
  async fractions(name: string, values: readonly Address[] | undefined): Promise<Encode[]> {
    const column: ColumnName = { name, type: 'FLOAT' };
    if (!values) return this.#nulls(column);
    const { pages, counts } = await this.#present(values, 'keepFractions', ({ rows }) => rows * 4);
    for (const [i, page] of pages.entries()) this.#pages.append(page, values[i]!, counts[i]!);
    return this.#groups.map(({ rows }, i) => () => {
      return encodedColumn(column, { rows, nulls: rows - counts[i]!, data: this.#pages.body(pages[i]!) });
    });
  }

  /** Encodes the clusters of the customers. -1 is written as null. */
  async clusters(name: string): Promise<Encode[]> {
    const column: ColumnName = { name, type: 'INT32' };
    const { cluster: values } = this.#rows;
    const { clusters } = this.lists;
    if (!values || clusters === 0) return this.#nulls(column);
    const { pages, counts } = await this.#present(values, 'keepNumbers', roomForWords);
    const numbers = this.#groups.map(() => this.#memory.allocate(clusters * 4));
    const call = (_: RowGroup, i: number) => {
      return { values: values[i]!, count: counts[i]!, bound: clusters, dictionary: numbers[i]! };
    };
    const distinct = await this.#run('numberDistinct', call, clusters * 4);
    const dictionaryOf = (i: number) => numberDictionary(this.#memory.i32(numbers[i]!, distinct[i]!));
    return this.#nullable(column, { pages, counts, values }, dictionaryOf);
  }

  /** Encodes texts of a dictionary. The index -1 is written as null. Without `values`, all are null. */
  async optionalTexts(name: string, values: readonly Address[] | undefined, texts: readonly string[]): Promise<Encode[]> {
    const column: ColumnName = { name, type: 'BYTE_ARRAY' };
    if (!values) return this.#nulls(column);
    const kept = await this.#present(values, 'keepNumbers', roomForWords);
    const dictionary = textDictionary(texts);
    return this.#nullable(column, { ...kept, values }, () => dictionary);
  }

  /** Makes pages with definition levels, which mark the nulls, and moves all other values together. */
  async #present(values: readonly Address[], kernel: 'keepNumbers' | 'keepFractions', bytes: (group: RowGroup) => number) {
    const present = this.#words();
    const counts = await this.#run(kernel, ({ rows }, i) => ({ values: values[i]!, rows, present: present[i]! }));
    return { pages: await this.#pages.partly(present, bytes), counts };
  }

  /** Encodes a column of indices into a dictionary, some of which are null. If all are null, the column has no dictionary. */
  async #nullable(
    column: ColumnName,
    { pages, counts, values }: { pages: OpenPage[]; counts: Float64Array; values: readonly Address[] },
    dictionaryOf: (i: number) => Dictionary,
  ): Promise<Encode[]> {
    const dictionaries = this.#groups.map((_, i) => (counts[i]! > 0 ? dictionaryOf(i) : undefined));
    const filled = [...dictionaries.keys()].filter((i) => dictionaries[i]);
    await this.#pages.pack(
      filled.map((i) => pages[i]!),
      filled.map((i) => values[i]!),
      filled.map((i) => counts[i]!),
      filled.map((i) => bitsOf(dictionaries[i]!.count)),
    );
    return this.#groups.map(({ rows }, i) => () => {
      const data = this.#pages.body(pages[i]!);
      return encodedColumn(column, { rows, nulls: rows - counts[i]!, data, dictionary: dictionaries[i] });
    });
  }

  /** Encodes a column in which all values are null. */
  #nulls(column: ColumnName): Encode[] {
    return this.#groups.map(({ rows }) => () => {
      const levels = fullLevels(rows);
      levels[levels.length - 1] = 0;
      return encodedColumn(column, { rows, nulls: rows, data: { stored: levels, bytes: levels.length } });
    });
  }
}

/** Number of bytes for a 4-byte word per row, plus 64 spare bytes. */
function roomForWords({ rows }: RowGroup): number {
  return rows * 4 + 64;
}

/** Parses texts (each after its length in 4 bytes) as integers. Writes the integers, and returns the smallest and the largest. */
function textsToIntegers(texts: DataView<ArrayBufferLike>, integers: BigInt64Array<ArrayBufferLike>) {
  let [least, greatest] = [2n ** 63n - 1n, -(2n ** 63n)];
  let at = 0;
  for (let i = 0; i < integers.length; i++) {
    const length = texts.getUint32(at, true);
    const value = BigInt(Buffer.from(texts.buffer, texts.byteOffset + at + 4, length).toString('latin1'));
    integers[i] = value;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    at += 4 + length;
  }
  return bounds(least, greatest);
}

function bounds<T extends string | number | bigint>(min: T, max: T) {
  return { min_value: min, max_value: max };
}
